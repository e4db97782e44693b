"""Everyday steps, one per migration."""
