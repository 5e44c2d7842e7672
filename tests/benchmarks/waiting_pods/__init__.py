"""What it takes one triggerer to wait for many pods."""
