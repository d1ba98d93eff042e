"""OpenID Connect, as the relying party: request, exchange, verification. Knows nothing of sessions."""
