"""Ekonomiskt bistånd as a system: calculation, decision's ground, payment."""

from __future__ import annotations

from sambruk.common.system import System
from sambruk.systems.financial_assistance.service import SERVICE

SYSTEM = System(
    name="financial_assistance",
    label="Ekonomiskt bistånd",
    description="Normberäkning rad för rad, underlag till beslut, utbetalning med fyra ögon och betalfil.",
    services=[SERVICE],
    django_apps=["sambruk.systems.financial_assistance.apps.FinancialAssistanceConfig"],
    slug="ekonomiskt-bistand",
    urls="sambruk.systems.financial_assistance.urls",
    setup="sambruk.systems.financial_assistance.setup:setup",
    commands={"calculate": "sambruk.systems.financial_assistance.calculate_command:calculate"},
    demo="sambruk.systems.financial_assistance.demo:load",
)
