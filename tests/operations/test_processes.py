"""Children are started again when they die, named when they fail, and gone when we are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from sambruk.operations.errors import OperationError
from sambruk.operations.processes import Part, Supervisor

pytestmark = pytest.mark.fault
_FOREVER = "import time\nwhile True: time.sleep(0.1)"


def _part(code: str, log: Path, name: str = "webben", ready: Callable[[], bool] = lambda: True) -> Part:
    return Part(name, [sys.executable, "-c", code], dict(os.environ), log, ready, ready_within=10)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(said.append)
    yield made
    made.stop(wait=2)


def _until(
    condition: Callable[[], object], supervisor: Supervisor | None = None, seconds: float = 15
) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        if supervisor:
            supervisor.check()
        time.sleep(0.02)


def test_one_that_dies_is_named_and_started_again(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.start(_part(_FOREVER, tmp_path / "log"))
    first = supervisor.pids["webben"]
    os.kill(first, signal.SIGKILL)
    _until(lambda: supervisor.pids["webben"] != first, supervisor)
    assert said == [
        f"Webben stannade (avbruten av SIGKILL) och startas om efter 0.5 s. Logg: {tmp_path / 'log'}"
    ]
    assert psutil.Process(supervisor.pids["webben"]).is_running()


def test_one_that_dies_at_once_is_started_at_longer_and_longer_intervals(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    supervisor.start(_part("raise SystemExit(3)", tmp_path / "log"))
    _until(lambda: len(said) >= 3, supervisor)
    assert ["efter 0.5 s" in said[0], "efter 1 s" in said[1], "efter 2 s" in said[2]] == [True] * 3
    assert "felkod 3" in said[0]


def test_one_that_never_gets_ready_says_why(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import sys; print('nyckeln saknas', file=sys.stderr); sys.exit(1)"
    supervisor.start(_part(code, tmp_path / "log", ready=lambda: False))
    with pytest.raises(OperationError, match="Webben startade inte: nyckeln saknas"):
        supervisor.wait_ready("webben")


def test_stopping_ends_also_the_stubborn_and_their_children(tmp_path: Path, said: list[str]) -> None:
    marker = tmp_path / "child"
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {_FOREVER!r}])\n"
        f"open({str(marker)!r}, 'w').write(str(child.pid))\n"
        "while True: time.sleep(0.1)\n"
    )
    supervisor = Supervisor(said.append)
    supervisor.start(
        _part(code, tmp_path / "log", ready=lambda: marker.exists() and bool(marker.read_text()))
    )
    supervisor.wait_ready("webben")
    parent, child = supervisor.pids["webben"], int(marker.read_text())
    supervisor.stop(wait=0.5)
    _until(lambda: not _lives(parent) and not _lives(child))
    assert said == ["Webben stannade inte i tid och avslutas."]


def test_what_a_dead_one_left_behind_is_ended(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    marker = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {_FOREVER!r}])\n"
        f"open({str(marker)!r}, 'a').write(f'{{child.pid}} ')\n"
        "while True: time.sleep(0.1)\n"
    )
    supervisor.start(
        _part(code, tmp_path / "log", ready=lambda: marker.exists() and bool(marker.read_text()))
    )
    supervisor.wait_ready("webben")
    child = int(marker.read_text().split()[0])
    os.kill(supervisor.pids["webben"], signal.SIGKILL)
    _until(lambda: said and not _lives(child), supervisor)


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_children_leave_when_the_supervisor_was_killed(tmp_path: Path) -> None:
    marker = tmp_path / "child"
    child = (
        "import os, time; from sambruk.operations.processes import follow_parent\n"
        "follow_parent(every=0.1)\n"
        f"open({str(marker)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(60)"
    )
    code = (
        "import sys, os, time; from pathlib import Path\n"
        "from sambruk.operations.processes import Part, Supervisor\n"
        "s = Supervisor(print)\n"
        f"log = Path({str(tmp_path / 'log')!r})\n"
        f"s.start(Part('x', [sys.executable, '-c', {child!r}], dict(os.environ), log, lambda: True))\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    _until(lambda: marker.exists() and marker.read_text())
    pid = int(marker.read_text())
    parent.kill()
    parent.wait()
    _until(lambda: not _lives(pid))
