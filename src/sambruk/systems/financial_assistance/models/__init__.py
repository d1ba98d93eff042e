"""What ekonomiskt bistånd keeps beside the case: calculations and payments."""

from sambruk.systems.financial_assistance.models.calculation import CalculationVersion, WorkingCalculation
from sambruk.systems.financial_assistance.models.payment import PaymentFile, PaymentOrder

__all__ = ["CalculationVersion", "PaymentFile", "PaymentOrder", "WorkingCalculation"]
