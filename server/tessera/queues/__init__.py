"""Queues, and what a queue says."""
