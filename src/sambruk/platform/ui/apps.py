from django.apps import AppConfig


class UiConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.ui"
    label = "ui"
