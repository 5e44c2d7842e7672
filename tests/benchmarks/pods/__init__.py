"""A package, so that the processes which are its pods need not load it."""
