"""What a benchmark gives: rows of figures in one shape, as a table and as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured thing. Times in milliseconds; `ratio_to_floor` is ours per second against the floor's."""

    name: str
    clients: int
    per_second: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: int
    floor_per_second: float | None = None
    floor_p95_ms: float | None = None
    ratio_to_floor: float | None = None


def row(
    name: str, clients: int, times: Sequence[float], errors: int, seconds: float, floor: Row | None = None
) -> Row:
    """Return the figures of the times (seconds) of successful requests within a measured span."""
    ordered = sorted(times)
    rate = len(ordered) / seconds if seconds else 0.0
    return Row(
        name=name,
        clients=clients,
        per_second=round(rate, 1),
        p50_ms=_percentile(ordered, 50),
        p95_ms=_percentile(ordered, 95),
        p99_ms=_percentile(ordered, 99),
        errors=errors,
        floor_per_second=floor.per_second if floor else None,
        floor_p95_ms=floor.p95_ms if floor else None,
        ratio_to_floor=round(rate / floor.per_second, 3) if floor and floor.per_second else None,
    )


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    if not ordered:
        return None
    place = min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))
    return round(ordered[place] * 1000, 2)


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "load": round(os.getloadavg()[0], 2),
    }


def memory_mib(pids: Mapping[str, int]) -> dict[str, float]:
    """Return each process's memory, and its children's together, in MiB (proportional where that is told)."""
    import psutil  # type: ignore[import-untyped]

    found: dict[str, float] = {}
    for name, pid in pids.items():
        try:
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for member in family:
            try:
                info = member.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            size = getattr(info, "pss", info.rss) / 2**20
            key = name if member.pid == pid else f"{name}, barnprocesser"
            found[key] = round(found.get(key, 0.0) + size, 1)
            if member.pid != pid:
                largest = f"{name}, största barnprocessen"
                found[largest] = round(max(found.get(largest, 0.0), size), 1)
    return found


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its living children have used, in seconds."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system
    return total


HEADINGS = (
    "", "klienter", "per s", "p50 ms", "p95 ms", "p99 ms", "fel", "golv per s", "golv p95 ms", "andel",
)  # fmt: skip


def publish(
    bench: str,
    rows: Sequence[Row],
    memory: Mapping[str, float],
    json_file: Path | None,
    notes: Sequence[str] = (),
) -> None:
    """Print the table and write the JSON."""
    console = Console()
    table = Table(title=f"bench {bench}")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if not heading else "right", overflow="fold")
    for one in rows:
        table.add_row(
            one.name, str(one.clients), f"{one.per_second:.1f}", _or_dash(one.p50_ms),
            _or_dash(one.p95_ms), _or_dash(one.p99_ms), str(one.errors),
            _or_dash(one.floor_per_second), _or_dash(one.floor_p95_ms), _or_dash(one.ratio_to_floor, 2),
        )  # fmt: skip
    console.print(table)
    for name, size in memory.items():
        console.print(f"  {name}: {size:.0f} MiB", highlight=False)
    for note in notes:
        console.print(f"  {note}", highlight=False)
    if json_file is not None:
        made = {
            "bench": bench,
            "machine": machine(),
            "rows": [asdict(one) for one in rows],
            "memory_mib": dict(memory),
            "notes": list(notes),
        }
        json_file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _or_dash(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"
