"""SAML 2.0, as the service provider: request, answer, verification. Knows nothing of sessions."""
