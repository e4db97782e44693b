"""The migrations of the package."""
