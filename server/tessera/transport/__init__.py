"""GraphQL over HTTP, WebSocket and server-sent events: bytes in, bytes out, not one word of ticketing."""
