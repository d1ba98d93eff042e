from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API and its webhooks. See docs/architecture.md."""

    name = "sambruk.platform.api"
    label = "api"

    def ready(self) -> None:
        from django.utils.translation import gettext_noop as _

        from sambruk.platform.identity.permissions import Permission
        from sambruk.platform.ui.administration import AdminPage, Group, register

        register(
            AdminPage(
                label=_("Prenumerationer"),
                description=_("Vart besked om händelser skickas, och om de har kommit fram."),
                url_name="subscription_list",
                permission=Permission.ADMIN_PRINCIPAL,
                group=Group.CONNECTIONS,
                order=20,
            )
        )
