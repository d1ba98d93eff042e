"""How payments are written for people: accounts masked, states in words."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.common.bank_account import parse_account
from sambruk.common.errors import Invalid
from sambruk.platform.identity import protection
from sambruk.systems.financial_assistance.models import PaymentOrder


def masked_account(found: PaymentOrder) -> str:
    """Return the bank, clearing number and last two digits, or how the payee is paid instead."""
    account = found.account
    if "clearing" not in account:
        return f"annat sätt ({account['text']})" if account.get("text") else "annat sätt"
    try:
        return parse_account(account["clearing"], account["account"]).masked
    except Invalid:
        # The range may have ceased since it was ordered: say so, and show no more of it than else.
        return f"{account['clearing']}-…{account['account'][-2:]} (kontot känns inte igen längre)"


def seen_account(found: PaymentOrder, actor: Actor) -> str:
    """Return the account for a list; of a protected person only its last two digits.

    They are enough to compare with the order's ground. A clearing number may tell where somebody has a bank
    office, and so where somebody lives.
    """
    if protection.may_see(found.payee, actor):
        return masked_account(found)
    return (
        f"konto som slutar på {found.account['account'][-2:]}"
        if "clearing" in found.account
        else "annat sätt"
    )


def account_text(found: PaymentOrder, actor: Actor) -> str:
    """Return payee and account for a member of staff; nothing of a protected person."""
    name = protection.visible_name(found.payee, actor)
    if not protection.may_see(found.payee, actor):
        return name
    return f"{name}, {masked_account(found)}"
