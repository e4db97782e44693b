"""The migrations of the dummy package."""
