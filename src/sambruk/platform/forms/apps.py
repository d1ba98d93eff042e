from django.apps import AppConfig


class FormsConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.forms"
    label = "forms"
