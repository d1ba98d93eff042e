"""What stands between a folder and a published version: lint without errors, and its own examples."""

from __future__ import annotations

from sambruk.platform.definitions.examples import run_examples
from sambruk.platform.definitions.findings import DefinitionError, Finding
from sambruk.platform.definitions.lint import errors, lint
from sambruk.platform.definitions.load import LoadedService


def require_publishable(loaded: LoadedService) -> None:
    """Raise DefinitionError with findings unless lint has no error and every example passes."""
    if wrong := errors(lint(loaded)):
        raise DefinitionError(wrong)
    report = run_examples(loaded)
    failed = [finding for one in report.outcomes for finding in one.findings]
    if not report.outcomes:
        failed = [
            Finding("examples", 1, "example", "Tjänsten har inget exempel.", "Lägg till examples/*.yaml.")
        ]
    if failed:
        raise DefinitionError(failed)
