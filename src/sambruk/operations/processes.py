"""Child processes: started in order, waited for, started again when they die, stopped in reverse order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sambruk.operations.errors import OperationError

_FOLLOW = "SAMBRUK_FOLLOW_PARENT"
_LONGEST_PAUSE = 30.0
#: A child that has run this long is well; the next death starts the back-off from the beginning.
_WELL_AFTER = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the whole: its Swedish name for people, its command, and when it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    ready_within: float = 60.0


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """Keeps parts running. ``say`` is told, in Swedish, of each that dies and starts again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: list[_Running] = []

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name."""
        return {running.part.name: running.process.pid for running in self._running}

    def start(self, part: Part) -> None:
        """Start a part without waiting for it."""
        self._running.append(_Running(part, _spawn(part), time.monotonic()))

    def wait_ready(self, name: str) -> None:
        """Wait until the part is ready. Raises OperationError if it dies first or takes too long."""
        running = next(running for running in self._running if running.part.name == name)
        end = time.monotonic() + running.part.ready_within
        while not running.part.ready():
            if running.process.poll() is not None:
                raise OperationError(
                    f"{name.capitalize()} startade inte: {_last_line(running.part.log)} "
                    f"Hela loggen finns i {running.part.log}."
                )
            if time.monotonic() > end:
                raise OperationError(
                    f"{name.capitalize()} svarar inte efter {running.part.ready_within:.0f} sekunder. "
                    f"Se loggen i {running.part.log}."
                )
            time.sleep(0.05)

    def check(self) -> None:
        """Start again each part that has died and whose pause is over; call it now and then."""
        now = time.monotonic()
        for running in self._running:
            code = running.process.poll()
            if code is None:
                continue
            if not running.again_at:
                # The web's own workers outlive it when it is killed, and would go on answering.
                _end_group(running.process.pid)
                if now - running.started > _WELL_AFTER:
                    running.deaths = 0
                pause = min(_LONGEST_PAUSE, 0.5 * 2**running.deaths)
                running.deaths += 1
                running.again_at = now + pause
                what = f"{running.part.name.capitalize()} stannade ({_how(code)})"
                self._say(f"{what} och startas om efter {pause:g} s. Logg: {running.part.log}")
            elif now >= running.again_at:
                running.process = _spawn(running.part)
                running.started, running.again_at = now, 0.0

    def stop(self, wait: float = 15.0) -> None:
        """Stop all: ask each, last started first, then end by force what has not stopped in time."""
        for running in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()
        end = time.monotonic() + wait
        for running in reversed(self._running):
            try:
                running.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{running.part.name.capitalize()} stannade inte i tid och avslutas.")
            _end_group(running.process.pid)
            running.process.wait()
        self._running.clear()


def follow_parent(every: float = 1.0) -> None:
    """In a child: stop when the supervisor is gone without having said so (it was killed)."""
    if _FOLLOW not in os.environ:
        return
    parent = int(os.environ.pop(_FOLLOW))  # not inherited by our own children

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def _spawn(part: Part) -> subprocess.Popen[bytes]:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    with os.fdopen(os.open(part.log, flags, 0o600), "ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own commands
            list(part.command),
            env={**part.environment, _FOLLOW: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the parts in order
        )


def _end_group(leader: int) -> None:
    """End what is left of a part: each leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _how(code: int) -> str:
    if code >= 0:
        return f"felkod {code}"
    with contextlib.suppress(ValueError):
        return f"avbruten av {signal.Signals(-code).name}"
    return f"avbruten av signal {-code}"


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "inget skrevs i loggen.")
