"""The names by which the shared service speaks of this system."""

from __future__ import annotations

SERVICE = "ekonomiskt-bistand-ateransokan"
CALCULATE = "calculate"
APPROVE_PAYMENT = "approve_payment"
