"""Template tags: loaded everywhere as built-ins, see the settings."""
