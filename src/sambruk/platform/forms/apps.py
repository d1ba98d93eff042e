"""The resident's forms: registered with Mina sidor, the navigation and the files when the apps are ready."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """Find, read, fill in, sign, send."""

    name = "sambruk.platform.forms"
    label = "forms"

    def ready(self) -> None:
        from sambruk.platform.cases import my_pages
        from sambruk.platform.forms import (
            reading,  # noqa: F401 - registers
            signer_jobs,  # noqa: F401 - registers
            sources,
            with_case,  # noqa: F401 - registers
        )
        from sambruk.platform.identity.permissions import Permission
        from sambruk.platform.ui.navigation import NavItem, register

        my_pages.add_todo_source(sources.to_sign)
        my_pages.add_todo_source(sources.prepared_for)
        my_pages.add_draft_source(sources.drafts)
        register(NavItem(face="resident", label="E-tjänster", url_name="forms:start", order=10))
        register(
            NavItem(
                face="resident", label="Mina sidor", url_name="cases:my_pages", order=20, permission="login"
            )
        )
        register(NavItem(face="resident", label="Följ en anmälan", url_name="forms:follow", order=30))
        register(
            NavItem(
                face="staff",
                label="Registrera",
                url_name="forms:register",
                order=40,
                permission=Permission.REPORT_REGISTER,
            )
        )
