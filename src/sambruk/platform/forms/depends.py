"""On which answers something else on the page depends: a change of them draws the questions anew."""

from __future__ import annotations

from sambruk.platform.definitions.conditions import Conditions
from sambruk.platform.definitions.conditions.compiled import Node


def depended_on(conditions: Conditions) -> set[str]:
    """Return the ids of fields, also inside groups, that another's condition or computed value names."""
    found: set[str] = set()
    for node in conditions.compiled.order:
        found |= node.needs | _required_by(node)
        for inner in node.rows:
            found |= inner.needs | _required_by(inner)
            if inner.computed is not None:
                found |= {name.rpartition(".")[2] for name in inner.computed.names}
        if node.computed is not None:
            # `sum(incomes.amount)` needs the group; the field that is typed in is the row's.
            found |= {name.rpartition(".")[2] for name in node.computed.names}
    return found


def _required_by(node: Node) -> set[str]:
    return {name.split(".")[0] for name in node.required_when.names} if node.required_when else set()
