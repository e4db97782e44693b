"""Background work as an administrator sees it: progress, dead letters, another try."""
