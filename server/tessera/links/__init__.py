"""Typed links between any two objects."""
