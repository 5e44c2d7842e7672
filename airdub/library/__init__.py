"""The library: which videos there are, what lies beside them, and which version of both."""
