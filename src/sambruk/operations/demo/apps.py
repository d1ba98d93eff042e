"""The Django app of the demo, installed only where SAMBRUK_DEMO is set."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The start page and the mailbox. No tables."""

    name = "sambruk.operations.demo"
    label = "demo"
