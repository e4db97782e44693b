"""A knowledge base: articles for agents, customers and everybody, at hand while a ticket is answered."""
