"""One master ticket and the slave tickets that follow it."""
