"""The names of a case's parties, as the actor may see them."""

from __future__ import annotations

from sambruk.common.actor import Actor
from sambruk.platform.cases.models import Party
from sambruk.platform.identity import protection

ROLES = {
    "applicant": "Sökande",
    "co_applicant": "Medsökande",
    "reporter": "Anmälare",
    "child": "Barn",
    "other": "Annan",
}


def party_name(party: Party, actor: Actor) -> str:
    """Return a party's name; a protected one's is hidden, whatever was written when the case began."""
    if party.person is not None:
        return protection.visible_name(party.person, actor)
    return party.name


def role_label(role: str) -> str:
    """Return the Swedish label of a party's role."""
    return ROLES.get(role, role)
