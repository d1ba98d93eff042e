"""What stands open in a case: read in one place, and once where a page asks for it in several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sambruk.platform.cases.models import Case, Task
from sambruk.platform.tenancy.compiled import Compiled

_OPEN = Compiled(
    lambda case_id: Task.objects.filter(case_id=case_id, state=Task.State.OPEN).order_by("opened_at", "id"),
    UUID,
)
_KEPT = "_open_tasks_read_once"


def open_tasks(case: Case) -> list[Task]:
    """Return the case's open tasks, oldest first, each with its case."""
    kept: list[Task] | None = case.__dict__.get(_KEPT)
    if kept is not None:
        return kept
    found = _OPEN.all(case.pk)
    for task in found:
        task.case = case
    return found


def open_staff_tasks(case: Case) -> list[Task]:
    """Return those of them that staff do."""
    return [task for task in open_tasks(case) if task.done_by_kind == Task.For.STAFF]


@contextmanager
def read_once(case: Case) -> Iterator[None]:
    """Read them once for all who ask inside: for a page, which changes nothing while it is made."""
    case.__dict__[_KEPT] = open_tasks(case)
    try:
        yield
    finally:
        del case.__dict__[_KEPT]
