from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.audit"
    label = "audit"
