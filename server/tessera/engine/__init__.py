"""The engine: how a GraphQL document becomes rows and bytes."""
