from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.tenancy"
    label = "tenancy"
