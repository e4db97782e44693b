"""What the package declares."""
