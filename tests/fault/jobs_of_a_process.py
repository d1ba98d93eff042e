"""Services for jobs: one with a step that the system does by itself as a job, one that two people sign."""

from __future__ import annotations

from tests.support.definitions import drawing, loaded

from sambruk.platform.definitions.load import LoadedService


def register() -> None:
    """Register the step's handler: it writes a line in the case's log."""
    from sambruk.common.clock import now
    from sambruk.platform.cases.models import Case, LogEntry, Task
    from sambruk.platform.cases.process import handlers

    if handlers.find("fault.step") is not None:
        return

    @handlers.handler("fault.step", label="Steg i provet")
    def step(case: Case, task: Task) -> None:
        LogEntry.objects.create(
            case=case, at=now(), kind="fault.step", text="Steget är gjort.", by_name="Prov"
        )


def service() -> LoadedService:
    """The step, then a task of the staff."""
    return loaded(
        [{"id": "a", "type": "text"}],
        files={
            "process.bpmn": drawing(
                {"start": "startEvent", "step": "serviceTask", "work": "userTask", "end": "endEvent"},
                [("start", "step"), ("step", "work"), ("work", "end")],
            )
        },
        handlers={"step": {"handler": "fault.step", "title": {"sv": "Steget"}}},
    )


def signed_by_two() -> LoadedService:
    """One where the other signer is reached by what the application says."""
    label = {"sv": "Text"}
    return loaded(
        [
            {"id": "me", "type": "person", "required": False},
            {"id": "other", "type": "person", "required": False},
            {"id": "mail", "type": "email", "required": False},
            {"id": "telephone", "type": "phone", "required": False},
        ],
        service="tva",
        parties={"owner": {"label": label, "person": "me"}, "other": {"label": label, "person": "other"}},
    )
