"""Groups, roles and grants: what turns an account into an actor."""
