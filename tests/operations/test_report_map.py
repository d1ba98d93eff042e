"""What docs/report-map.md names is there: pages, commands, tests. And every system of the report is in it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import resolve
from typer.main import get_command

from sambruk.cli import app
from sambruk.cli_group import SambrukGroup
from sambruk.operations.demo import report

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "report-map.md").read_text(encoding="utf-8")
#: A system can be taken away; what the map says of it goes with it.
OF_A_SYSTEM = {
    "financial_assistance": (
        "/ekonomiskt-bistand/",
        "sambruk calculate",
        "tests/systems/financial_assistance",
    )
}
AWAY = tuple(
    start
    for system, starts in OF_A_SYSTEM.items()
    if find_spec(f"sambruk.systems.{system}") is None
    for start in starts
)
NAMED = [one for one in re.findall(r"`([^`]+)`", MAP) if not one.startswith(AWAY)]


@pytest.mark.parametrize("path", sorted({one for one in NAMED if one.startswith("tests/")}))
def test_each_test_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("page", sorted({one for one in NAMED if one.startswith("/")}))
def test_each_page_is_there(page: str) -> None:
    assert resolve(page.replace("<id>", str(uuid4())))


@pytest.mark.parametrize("command", sorted({one for one in NAMED if one.startswith("sambruk ")}))
def test_each_command_is_there(command: str) -> None:
    found = get_command(app)
    assert isinstance(found, SambrukGroup)
    context: Any = found.make_context("sambruk", [], resilient_parsing=True)
    assert found.get_command(context, command.split()[1]) is not None


def test_every_row_has_its_five_cells_filled() -> None:
    rows = [line for line in MAP.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) >= 18
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 5, row
        assert all(cells), row


@pytest.mark.parametrize("system", report.SYSTEMS, ids=lambda one: one.package or "platform")
def test_each_system_of_the_demos_start_page_is_told_of(system: report.ReportSystem) -> None:
    words = {"authority_queries": "Multifråga", "contact_centre": "Streamflow", "personal_assistance": "BITA",
             "preservation": "e-archive", "school": "school", "financial_assistance": "eAnsökan-Soc",
             "": "ÖTP", "shared_store": "open storage", "association": "the association"}  # fmt: skip
    assert words[system.package] in MAP
