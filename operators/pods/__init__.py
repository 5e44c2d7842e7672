"""Stages as pods: what a pod is asked to be, what became of it, and how to tell both apart."""
