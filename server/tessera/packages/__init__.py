"""The package manager: what is installed, in which set, and how a package comes, changes and goes."""
