"""What a proposal to decide rests on: the approved calculation, and whether the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sambruk.common.errors import Invalid
from sambruk.common.money import format_kr
from sambruk.platform.cases.models import Case
from sambruk.platform.definitions import effective as definitions
from sambruk.systems.financial_assistance import queries


def basis(case: Case, kind: str) -> tuple[Decimal | None, Mapping[str, Any]]:
    """Return the amount (kronor, None where nothing is granted) and the ground of a decision of this kind.

    Raises Invalid when no approved calculation holds, or when it says the opposite of the decision: then the
    resident would read a calculation that does not lead to what was decided. A dismissal needs none, since
    the application is not tried (avvisning).
    """
    declared = definitions.by_hash(case.definition_hash).service.decisions.get(kind)
    if declared is None:
        raise Invalid({"kind": "Välj vad beslutet gäller."})
    if declared.outcome == "dismiss":
        return None, {}
    found = queries.current_version(case)
    if found is None:
        raise Invalid({"kind": "Godkänn beräkningen först. Beslutet bygger på den."})
    ground = {
        "calculation": str(found.pk),
        "calculation_version": found.version,
        "content": found.content_hash,
        "rules": found.rules_version,
    }
    if declared.outcome == "refuse":
        if found.amount > 0:
            raise Invalid(
                {
                    "kind": f"Beräkningen visar ett underskott på {format_kr(found.amount)}. Är skälet till "
                    "avslaget ett annat än inkomsten, lägg in det som ett avdrag i beräkningen, så att den "
                    "som läser beslutet ser det. Välj annars bifall eller delvis bifall."
                }
            )
        return None, ground
    if found.amount <= 0:
        raise Invalid({"kind": "Beräkningen visar inget underskott. Då finns inget belopp att bevilja."})
    return found.amount, ground
