"""`sambruk demo --check`: plays the main job and a report over HTTP in two municipalities."""

from __future__ import annotations

import json
import platform
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console

from sambruk.operations.demo import people
from sambruk.operations.demo.browser import Browser, PageFault
from sambruk.operations.demo.parts import Setup
from sambruk.operations.errors import OperationError

#: Where the job is played, at the same time.
TOWNS = ("0123", "0127")
#: A step takes the play, does its part, and returns what it verified: one short sentence each.
StepFunction: TypeAlias = Callable[["Play"], list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """A registered step."""

    name: str
    function: StepFunction
    #: The job that it belongs to: where a step fails, the later ones of its own job are not tried.
    job: str = "main-job"


STEPS: list[Step] = []


def step(name: str, *, job: str = "main-job") -> Callable[[StepFunction], StepFunction]:
    """Register a step, in the order of the file: ``@step("Invånaren loggar in")``."""

    def register(function: StepFunction) -> StepFunction:
        STEPS.append(Step(name, function, job))
        return function

    return register


class Play:
    """One municipality's run: its browsers by person, and in ``notes`` what steps leave to later ones."""

    def __init__(self, setup: Setup, town: people.DemoMunicipality) -> None:
        self.setup = setup
        self.town = town
        self.notes: dict[str, Any] = {}
        self._browsers: dict[str, Browser] = {}

    def browser(self, person: str = "anybody") -> Browser:
        """Return the person's own browser at this municipality."""
        if person not in self._browsers:
            self._browsers[person] = Browser(self.town.origin(self.setup.port))
        return self._browsers[person]

    def resident(self, number: int = 0) -> people.Resident:
        """Return one of the municipality's residents, in the order of ``people``."""
        return [one for one in people.RESIDENTS if one.municipality == self.town.code][number]

    def staff(self, role: str) -> people.Staff:
        """Return a member of staff who holds the role."""
        for one in people.STAFF:
            if one.municipality == self.town.code and any(held == role for _, held in one.roles):
                return one
        raise KeyError(role)

    def close(self) -> None:
        """Close every browser."""
        for browser in self._browsers.values():
            browser.close()


@dataclass(slots=True)
class Outcome:
    """What became of a step in a municipality."""

    name: str
    municipality: str
    seconds: float
    ok: bool
    verified: list[str] = field(default_factory=list)
    error: str = ""
    job: str = "main-job"


def verify(condition: object, otherwise: str) -> None:
    """Raise PageFault with the sentence unless the condition holds."""
    if not condition:
        raise PageFault(otherwise)


def play(setup: Setup, *, json_file: Path | None, steps: list[Step] | None = None) -> int:
    """Play all steps in every town of TOWNS, each town's in order, the towns at the same time.

    Prints a line a step as it is done. Returns 0 only if every step held everywhere; in a town the steps of a
    job after one that failed are not tried, and count as failed. With ``json_file`` the same for machines.
    """
    from sambruk.operations.demo import check_report, check_steps  # noqa: F401 - register their steps

    todo = STEPS if steps is None else steps
    console = Console(highlight=False, soft_wrap=True)
    lock = threading.Lock()

    def tell(outcome: Outcome) -> None:
        with lock:
            _print(console, outcome)

    begun = time.monotonic()
    towns = [people.municipality(code) for code in TOWNS]
    with ThreadPoolExecutor(len(towns)) as pool:
        outcomes = [
            one for many in pool.map(lambda town: _play_town(setup, town, todo, tell), towns) for one in many
        ]
    seconds = time.monotonic() - begun
    held = sum(outcome.ok for outcome in outcomes)
    ok = bool(outcomes) and held == len(outcomes)
    verdict = "Allt höll." if ok else "Något höll inte."
    console.print(f"\n{verdict} {held} av {len(outcomes)} steg på {seconds:.1f} s.")
    if json_file is not None:
        _write(json_file, outcomes, ok=ok, seconds=seconds)
    return 0 if ok else 1


def _play_town(
    setup: Setup, town: people.DemoMunicipality, steps: list[Step], tell: Callable[[Outcome], None]
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    run = Play(setup, town)
    failed: dict[str, str] = {}
    try:
        for one in steps:
            if first := failed.get(one.job):
                outcome = Outcome(
                    one.name, town.name, 0.0, ok=False, error=f"prövades inte, eftersom ”{first}” inte höll"
                )
            else:
                outcome = _do(one, run)
                if not outcome.ok:
                    failed[one.job] = one.name
            outcome.job = one.job
            outcomes.append(outcome)
            tell(outcome)
    finally:
        run.close()
    return outcomes


def _do(one: Step, run: Play) -> Outcome:
    begun = time.monotonic()
    try:
        verified = one.function(run)
    except Exception as error:  # noqa: BLE001 - whatever a step meets is its result, shown and counted
        why = str(error) if isinstance(error, PageFault) else f"{type(error).__name__}: {error}"
        return Outcome(one.name, run.town.name, time.monotonic() - begun, ok=False, error=why)
    if not verified:
        return Outcome(
            one.name, run.town.name, time.monotonic() - begun, ok=False, error="steget prövade ingenting"
        )
    return Outcome(one.name, run.town.name, time.monotonic() - begun, ok=True, verified=verified)


def _print(console: Console, outcome: Outcome) -> None:
    mark = "[green]✓[/green]" if outcome.ok else "[red]✗[/red]"
    console.print(f"{mark} {outcome.municipality:<18} {outcome.seconds:5.1f} s  [bold]{outcome.name}[/bold]")
    for text in outcome.verified:
        console.print(f"{'':29}{text}", markup=False)
    if outcome.error:
        console.print(f"{'':29}{outcome.error}", markup=False, style="red")


def _write(file: Path, outcomes: list[Outcome], *, ok: bool, seconds: float) -> None:
    report = {
        "check": "main-job",
        "ok": ok,
        "seconds": round(seconds, 3),
        "machine": {"system": platform.platform(), "python": platform.python_version()},
        "steps": [
            {
                "job": outcome.job,
                "name": outcome.name,
                "municipality": outcome.municipality,
                "seconds": round(outcome.seconds, 3),
                "ok": outcome.ok,
                "verified": outcome.verified,
                **({"error": outcome.error} if outcome.error else {}),
            }
            for outcome in outcomes
        ],
    }
    try:
        file.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OperationError(f"{file} går inte att skriva ({error.strerror}).") from error
