"""What is wrong with a service, where, and what to write instead. Nothing with an error is published."""

from __future__ import annotations

from sambruk.platform.definitions.findings import Finding, Severity
from sambruk.platform.definitions.lint.expressions import lint_expressions
from sambruk.platform.definitions.lint.flow import lint_flow
from sambruk.platform.definitions.lint.index import build
from sambruk.platform.definitions.lint.structure import lint_structure
from sambruk.platform.definitions.lint.wording import lint_wording
from sambruk.platform.definitions.load import LoadedService

__all__ = ["errors", "lint"]


def lint(loaded: LoadedService) -> list[Finding]:
    """Return every finding of a service that could be read, in order of file and line."""
    index = build(loaded)
    lint_structure(index)
    if not any(one.rule == "id.taken" for one in index.findings):
        # With an id used twice, what a condition names is not known.
        lint_expressions(index)
    lint_flow(index)
    lint_wording(index)
    return sorted(set(index.findings))


def errors(findings: list[Finding]) -> list[Finding]:
    """Return those that stop publishing."""
    return [one for one in findings if one.severity is Severity.ERROR]
