"""The peers: the product with parts switched off, a hand-written endpoint, PostGraphile."""
