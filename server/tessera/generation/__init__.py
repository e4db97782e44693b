"""A generation: one process that serves the house, or works for it, until the next one takes over."""
