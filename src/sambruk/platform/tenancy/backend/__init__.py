"""Django's PostgreSQL backend with the keys, policies and grants of tenant tables."""
