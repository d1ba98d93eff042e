"""The cases' app: its handlers, commands and permissions are registered when the apps are ready."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The case, its process, tasks, decisions, log, deadlines, retention."""

    name = "sambruk.platform.cases"
    label = "cases"

    def ready(self) -> None:
        from sambruk.platform.cases import (  # noqa: F401 - register
            admin_pages,
            builtin_commands,
            documents,
            protection,
            unit_closing,
            webhooks,
        )
        from sambruk.platform.cases.process import builtin  # noqa: F401 - registers
        from sambruk.platform.identity.permissions import Permission
        from sambruk.platform.ui.navigation import NavItem, register

        admin_pages.declare()
        register(
            NavItem(
                face="staff",
                label="Gallring",
                url_name="cases:disposal",
                order=820,
                permission=Permission.CASE_DISPOSE,
            )
        )
        register(
            NavItem(
                face="staff",
                label="Ärenden",
                url_name="cases:inbox",
                order=10,
                permission=Permission.CASE_READ,
            )
        )
