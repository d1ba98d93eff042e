"""Sets logging up, and calls each system's set-up once all apps are ready."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The last app: everything below it is ready when it starts."""

    name = "sambruk.config"
    label = "config"

    def ready(self) -> None:
        from django.conf import settings

        from sambruk.config.logging import configure
        from sambruk.config.systems import set_up

        configure()
        for system in settings.SYSTEMS.systems:
            set_up(system)
