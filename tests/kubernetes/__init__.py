"""A Kubernetes API server for tests: real HTTP in front, real processes behind."""
