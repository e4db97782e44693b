"""Agents, customer users, customers, and how they prove who they are."""
