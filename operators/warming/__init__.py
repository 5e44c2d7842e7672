"""Which requests of the queue a stage can be warmed for."""
