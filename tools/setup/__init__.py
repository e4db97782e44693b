"""Programs that prepare the environments."""
