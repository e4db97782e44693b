"""The ticket: a request and the rules of working on it."""
