"""Sets logging up, and calls each system's set-up once all apps are ready."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The last app: everything below it is ready when it starts."""

    name = "sambruk.config"
    label = "config"

    def ready(self) -> None:
        from django.conf import settings

        from sambruk.common.system import load_attribute
        from sambruk.config.logging import configure

        configure()
        for system in settings.SYSTEMS.systems:
            if system.setup:
                load_attribute(system.setup)()
