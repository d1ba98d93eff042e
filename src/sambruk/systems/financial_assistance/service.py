"""The names by which the shared service speaks of this system."""

from __future__ import annotations

SERVICE = "ekonomiskt-bistand-ateransokan"
CALCULATE = "calculate"
APPROVE_PAYMENT = "approve_payment"
#: The decision that grants what no right gives (socialtjänstlagen (2025:400) 12 kap. 2 §).
BEYOND_RIGHT = "grant_beyond_right"
