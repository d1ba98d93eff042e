from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """See docs/architecture.md."""

    name = "sambruk.platform.exchange"
    label = "exchange"
