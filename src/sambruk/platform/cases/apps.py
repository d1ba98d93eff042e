"""The cases' app: its handlers, commands and permissions are registered when the apps are ready."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The case, its process, tasks, decisions, log, deadlines, retention."""

    name = "sambruk.platform.cases"
    label = "cases"

    def ready(self) -> None:
        from sambruk.platform.cases import builtin_commands, documents, webhooks  # noqa: F401 - register
        from sambruk.platform.cases.process import builtin  # noqa: F401 - registers
