from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Jobs to and from other systems. See docs/architecture.md."""

    name = "sambruk.platform.exchange"
    label = "exchange"

    def ready(self) -> None:
        from sambruk.platform.exchange import upkeep  # noqa: F401 - registers its periodic work
        from sambruk.platform.identity.permissions import Permission
        from sambruk.platform.ui.navigation import NavItem, register

        register(
            NavItem(
                face="staff", label="Drift", url_name="operator", order=900, permission=Permission.OPERATOR
            )
        )
