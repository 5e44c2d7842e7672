"""Stand-ins at the boundary of a process: what they speak is the real protocol."""
