from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.definitions"
    label = "definitions"
