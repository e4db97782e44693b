"""The fields and verbs of the package."""
