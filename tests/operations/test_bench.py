"""The benchmarks run, whatever they measure: the shape that is promised, and not one error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FIGURES = {
    "name", "clients", "per_second", "p50_ms", "p95_ms", "p99_ms", "errors", "floor_per_second",
    "ratio_to_floor",
}  # fmt: skip


def run(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Run a benchmark as its user does; return what it wrote."""
    file = tmp_path / "bench.json"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SAMBRUK_", "DATABASE_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "sambruk.cli", "bench", *arguments, "--json", str(file)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(file.read_text())
    assert {"bench", "machine", "rows", "memory_mib"} <= set(found)
    assert found["machine"]["cores"] >= 1
    assert all(set(one) >= FIGURES and one["errors"] == 0 for one in found["rows"])
    assert set(found["memory_mib"]) >= {"webb", "databas"}
    return found


def test_submissions(tmp_path: Path) -> None:
    found = run(
        tmp_path, "submissions", "--submissions", "20", "--clients", "2", "--municipalities", "2",
        "--seconds", "1",
    )  # fmt: skip
    assert found["bench"] == "submissions"
    spread, one, scale = found["rows"]
    assert "pgbench" in scale["name"]
    for row in (spread, one):
        assert row["clients"] == 2
        assert row["per_second"] > 0
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
        assert row["ratio_to_floor"] == pytest.approx(row["per_second"] / row["floor_per_second"], abs=0.01)


def test_lists(tmp_path: Path) -> None:
    found = run(tmp_path, "lists", "--cases", "1000", "--municipalities", "2", "--seconds", "1")
    assert found["bench"] == "lists"
    assert len(found["rows"]) == 4
    assert all(one["floor_per_second"] > 0 for one in found["rows"])
