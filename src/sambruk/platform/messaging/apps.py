from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Conversations with residents, and notices that there is news. See docs/architecture.md."""

    name = "sambruk.platform.messaging"
    label = "messaging"

    def ready(self) -> None:
        from sambruk.platform.messaging import attachments, disposal, marks, panel, subscriptions  # noqa: F401
