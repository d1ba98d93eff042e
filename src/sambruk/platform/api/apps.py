from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API and its webhooks. See docs/architecture.md."""

    name = "sambruk.platform.api"
    label = "api"
