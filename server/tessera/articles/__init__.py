"""What was said on a ticket."""
