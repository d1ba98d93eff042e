"""Conditions in CEL: what is visible, required, computed; the eligibility gate; the process's branches."""

from sambruk.platform.definitions.conditions.cel import CelError, ConditionFailed, Environment, Unanswered
from sambruk.platform.definitions.conditions.evaluate import (
    BrokenConditions,
    Conditions,
    Evaluation,
    Fault,
    GateResult,
)

__all__ = [
    "BrokenConditions",
    "CelError",
    "ConditionFailed",
    "Conditions",
    "Environment",
    "Evaluation",
    "Fault",
    "GateResult",
    "Unanswered",
]
