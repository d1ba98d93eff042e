from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.identity"
    label = "identity"

    def ready(self) -> None:
        from django.utils.translation import gettext_noop as _

        from sambruk.platform.identity.permissions import Permission
        from sambruk.platform.ui.navigation import NavItem, register

        register(
            NavItem(
                face="staff",
                label=_("Medarbetare"),
                url_name="staff_list",
                order=800,
                permission=Permission.ADMIN_STAFF,
            )
        )
        register(
            NavItem(
                face="staff",
                label=_("Inloggning"),
                url_name="provider_list",
                order=820,
                permission=Permission.ADMIN_PRINCIPAL,
            )
        )
        register(
            NavItem(
                face="staff",
                label=_("Fyll i åt någon"),
                url_name="fill_in_for",
                order=300,
                permission=Permission.FILL_IN_FOR,
            )
        )
        from sambruk.platform.identity import admin_pages

        admin_pages.declare()
