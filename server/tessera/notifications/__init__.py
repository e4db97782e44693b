"""What people are told of in their inboxes."""
