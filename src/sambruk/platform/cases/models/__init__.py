"""The case and what belongs to it, one noun a file."""

from sambruk.platform.cases.models.application import Application, SignatureRecord
from sambruk.platform.cases.models.case import Case, Counter, PeriodClaim, Station
from sambruk.platform.cases.models.decision import Decision, DecisionReceipt
from sambruk.platform.cases.models.disposal import DisposalLine, DisposalRun
from sambruk.platform.cases.models.log import LogEntry, Note
from sambruk.platform.cases.models.party import Party
from sambruk.platform.cases.models.relation import CaseDocument, CaseLink
from sambruk.platform.cases.models.task import Deadline, Task

__all__ = [
    "Application",
    "Case",
    "CaseDocument",
    "CaseLink",
    "Counter",
    "Deadline",
    "Decision",
    "DecisionReceipt",
    "DisposalLine",
    "DisposalRun",
    "LogEntry",
    "Note",
    "Party",
    "PeriodClaim",
    "SignatureRecord",
    "Station",
    "Task",
]
