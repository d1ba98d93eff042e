"""What a proposal to decide rests on: the approved calculation, and whether the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.common.money import format_kr
from sambruk.platform.cases.commands import CommandField
from sambruk.platform.cases.models import Case
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.ui.components import Term
from sambruk.systems.financial_assistance import queries
from sambruk.systems.financial_assistance.calculation.lines import refused
from sambruk.systems.financial_assistance.calculation.result import Result
from sambruk.systems.financial_assistance.calculation_rows import label_of
from sambruk.systems.financial_assistance.payments_input import LARGEST_ORDER
from sambruk.systems.financial_assistance.service import BEYOND_RIGHT


def amount_field(before: Mapping[str, Any]) -> CommandField:
    """Return the question of the amount of a decision beyond the right, with what a returned one said."""
    return CommandField(
        "amount",
        "Belopp vid bifall utan rätt",
        "amount",
        required=False,
        help="Fyll bara i vid bifall utan rätt enligt 12 kap. 1 §. Då följer beloppet inte av beräkningen, "
        "och motiveringen säger varför just det beloppet. Vid alla andra beslut tas beloppet från "
        "beräkningen.",
        initial=str(before.get("amount", "")) if before.get("kind") == BEYOND_RIGHT else "",
    )


def basis(case: Case, kind: str, asked: Decimal | None = None) -> tuple[Decimal | None, Mapping[str, Any]]:
    """Return the amount (kronor, None where nothing is granted) and the ground of a decision of this kind.

    `asked` is what the caseworker wrote: the amount of a decision beyond the right (socialtjänstlagen
    (2025:400) 12 kap. 2 §), which no calculation gives; refused for all other kinds. Raises Invalid when no
    approved calculation holds, or when it says the opposite of the decision: then the resident would read a
    calculation that does not lead to what was decided. A dismissal needs none, since the application is not
    tried (avvisning).
    """
    declared = definitions.by_hash(case.definition_hash).service.decisions.get(kind)
    if declared is None:
        raise Invalid({"kind": "Välj vad beslutet gäller."})
    if asked is not None and kind != BEYOND_RIGHT:
        raise Invalid({"amount": "Beloppet tas från beräkningen vid det här beslutet. Lämna fältet tomt."})
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
    if kind == BEYOND_RIGHT:
        return _beyond_right(asked), {**ground, "beyond_right": True}
    if declared.outcome == "refuse":
        _require_surplus(found.amount)
        return None, ground
    if declared.outcome == "grant" and (left := refused_costs(queries.result_of(found))):
        raise Invalid(
            {
                "kind": f"Allt som är ansökt är inte godkänt: {', '.join(left)}. Föreslå delvis bifall, "
                "så att den som läser beslutet får veta vad hen inte fick och varför."
            }
        )
    if found.amount <= 0:
        raise Invalid({"kind": "Beräkningen visar inget underskott. Då finns inget belopp att bevilja."})
    return found.amount, ground


def facts(case: Case, actor: Actor) -> list[Term]:
    """Return what the form of proposing shows of the approved calculation; nothing while protected."""
    found = queries.current_version(case)
    if found is None or queries.hidden_from(case, actor):
        return []
    result = queries.result_of(found)
    terms = [Term(label="Enligt beräkningen", value=result.outcome_text)]
    if found.amount > 0:
        terms.append(Term(label="Belopp vid bifall", value=format_kr(found.amount)))
    if left := refused_costs(result):
        text = f"{', '.join(left)}. Därför kan du inte föreslå bifall. Föreslå delvis bifall."
        terms.append(Term(label="Inte godkänt", value=text))
    return terms


def refused_costs(result: Result) -> list[str]:
    """Return each cost of which something applied for is not granted, with how much."""
    return [
        f"{label_of(cost)} {format_kr(refused(cost))}" for cost in result.household.costs if refused(cost) > 0
    ]


def _beyond_right(asked: Decimal | None) -> Decimal:
    if asked is None or asked <= 0:
        raise Invalid(
            {"amount": "Skriv vilket belopp som beviljas. Beräkningen ger inget vid bifall utan rätt."}
        )
    if asked > LARGEST_ORDER:
        raise Invalid({"amount": f"Skriv högst {format_kr(LARGEST_ORDER)}."})
    return asked


def _require_surplus(amount: Decimal) -> None:
    if amount > 0:
        raise Invalid(
            {
                "kind": f"Beräkningen visar ett underskott på {format_kr(amount)}. Är skälet till "
                "avslaget ett annat än inkomsten, lägg in det som ett avdrag i beräkningen, så att den "
                "som läser beslutet ser det. Välj annars bifall eller delvis bifall."
            }
        )
