"""Trusted documents: the operations an administrator imported, which any server finds by their hash."""
