"""Registers what the system brings, once all apps are ready."""

from __future__ import annotations


def setup() -> None:
    """Register handlers, panels, commands, letter variables, the decision's ground, and navigation."""
    from sambruk.platform.cases.commands import CommandSet, claim_task, register
    from sambruk.platform.cases.proposals import BASIS, ProposalSource
    from sambruk.platform.identity.permissions import Permission
    from sambruk.platform.ui import navigation
    from sambruk.systems.financial_assistance import (  # noqa: F401 - they register themselves
        administration,
        case_commands,
        disposal,
        documents,
        handlers,
        letter,
        payment_lists,
        protection,
        resident_panels,
        staff_panel,
    )
    from sambruk.systems.financial_assistance.decision_basis import amount_field, basis, facts
    from sambruk.systems.financial_assistance.service import APPROVE_PAYMENT, CALCULATE, SERVICE

    administration.declare()
    BASIS[SERVICE] = ProposalSource(ground=basis, asks=amount_field, facts=facts)
    claim_task(SERVICE, CALCULATE)
    claim_task(SERVICE, APPROVE_PAYMENT)
    register(CommandSet("financial_assistance", case_commands.offer, case_commands.run, services=(SERVICE,)))
    navigation.register(
        navigation.NavItem(
            face="staff",
            label="Utbetalningar",
            url_name="financial_assistance:payments",
            order=40,
            permission=(Permission.PAYMENT_APPROVE, Permission.PAYMENT_ORDER),
            badge=payment_lists.badge,
        )
    )
