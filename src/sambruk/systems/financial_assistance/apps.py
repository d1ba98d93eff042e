"""The Django app of ekonomiskt bistånd."""

from django.apps import AppConfig


class FinancialAssistanceConfig(AppConfig):
    """Calculations and payments of financial assistance."""

    name = "sambruk.systems.financial_assistance"
    label = "financial_assistance"
