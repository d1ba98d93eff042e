from django.apps import AppConfig
from django.core import checks


class TenancyConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from sambruk.platform.tenancy.checks import check_models

        checks.register(check_models, checks.Tags.models)
