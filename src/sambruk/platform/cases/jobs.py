"""The cases' work in the background."""

from __future__ import annotations

from uuid import UUID

from sambruk.platform.cases.models import Case, Task
from sambruk.platform.cases.process import running
from sambruk.platform.exchange.jobs import tenant_task


@tenant_task(running.HANDLER_WORK, label="Steg i ärendets process")
def do_handler(task_id: UUID) -> None:
    """Run the handler of a system task. Done already, or gone: nothing is left to do."""
    task = Task.objects.filter(pk=task_id, state=Task.State.OPEN).first()
    if task is None:
        return
    task.case = Case.objects.select_for_update(of=("self",)).get(pk=task.case_id)
    running.run_handler(task)
