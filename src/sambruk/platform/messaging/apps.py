from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.messaging"
    label = "messaging"
