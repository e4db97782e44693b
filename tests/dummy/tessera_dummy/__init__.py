"""Remarks on tickets: the smallest package that uses every extension point."""
