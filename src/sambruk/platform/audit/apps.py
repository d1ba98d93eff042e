from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.audit"
    label = "audit"

    def ready(self) -> None:
        from sambruk.platform.audit import subscriptions  # noqa: F401 - registers what it hears
        from sambruk.platform.audit.retention import LOG_YEARS
        from sambruk.platform.tenancy import dated

        dated.declare(LOG_YEARS)
