from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.identity"
    label = "identity"
