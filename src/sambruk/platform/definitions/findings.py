"""What is wrong in a definition, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sambruk.common.errors import Invalid


class Severity(StrEnum):
    """An error stops publishing; a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One remark: file and line (from 1), the rule's stable id, what is wrong, and what to write instead."""

    file: str
    line: int
    rule: str
    message: str
    instead: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        tail = f" {self.instead}" if self.instead else ""
        return f"{self.file}:{self.line}: {self.severity}: [{self.rule}] {self.message}{tail}"

    def as_dict(self) -> dict[str, str | int]:
        """Return it as JSON values, in the order that people read them."""
        return {
            "file": self.file,
            "line": self.line,
            "rule": self.rule,
            "severity": str(self.severity),
            "message": self.message,
            "instead": self.instead,
        }


class DefinitionError(Invalid):
    """A definition that cannot be read, checked or published. `findings` say why, first things first."""

    code = "definition"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        first = findings[0]
        more = f" (och {len(findings) - 1} till)" if len(findings) > 1 else ""
        super().__init__(f"{first.file}, rad {first.line}: {first.message} {first.instead}".rstrip() + more)
