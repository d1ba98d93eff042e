from django.apps import AppConfig


class CasesConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.cases"
    label = "cases"
