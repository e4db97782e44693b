"""Tessera: a help desk and IT service management server that speaks GraphQL."""

__version__ = "0.1.0"
