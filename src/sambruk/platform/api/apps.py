from django.apps import AppConfig


class ApiConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.api"
    label = "api"
