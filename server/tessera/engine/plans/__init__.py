"""Compiled plans: a document becomes statements and one generated function; what is unknown is declined."""
