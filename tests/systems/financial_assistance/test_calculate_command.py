"""`sambruk calculate`: what it prints, how it fails, how fast it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sambruk.systems.financial_assistance.calculate_command import BAD_INPUT, INCOMPLETE, commands
from sambruk.systems.financial_assistance.calculation import result as results

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "household.yaml"


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    for name, function in commands.items():
        app.command(name)(function)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_example_is_computed_with_amount_explanation_and_mark() -> None:
    found = run(EXAMPLE, "--month", "2019-10")
    assert found.exit_code == 0, found.output
    text = found.stdout.replace("\u00a0", " ")
    for expected in (
        "3 440 kr",
        "Norm för barn 11–14 år, 2019 års riksnorm",
        "officiell",
        "Underskott",
        "8 474 kr",
    ):
        assert expected in text


def test_json_is_the_result() -> None:
    found = run(EXAMPLE, "--month", "2019-10", "--json")
    assert results.Result.from_json(found.stdout).amount == 8474
    assert json.loads(found.stdout)["month"] == "2019-10"


def test_gaps_and_warnings_are_printed() -> None:
    found = run(EXAMPLE, "--month", "2026-07")
    assert found.exit_code == INCOMPLETE
    assert "Saknas: Beloppet utan lunch" in found.stdout
    assert "Observera: Aktivitetskrav" in found.stdout
    assert "lagrum: tredje part" in found.stdout


def test_surplus_is_said(tmp_path: Path) -> None:
    file = tmp_path / "h.yaml"
    file.write_text(
        "persons: [{id: a, role: adult, name: '[red]A'}]\nincomes: [{type: lon, person: a, amount: 13100}]\n",
        "utf-8",
    )
    found = run(file, "--month", "2026-03")
    assert found.exit_code == 0
    assert "avslag, inkomst över norm" in found.stdout
    assert "[red]A" in found.stdout


@pytest.mark.parametrize(
    ("content", "month", "sentences"),
    [
        ("persons: [{id: a, role: adult}]", "2026-3", ["2026-11"]),
        ("persons: [{id: a, role: adult}]", "1999-01", ["ingen riksnorm inläst för januari 1999"]),
        (
            "persons: [{id: a, role: adult, agee: 3}]",
            "2026-03",
            ["behöver rättas", "persons[1].agee", "Menade du age?"],
        ),
        ("persons: [{id: c, role: child, age: 3}]", "2026-03", ["en eller två vuxna"]),
        (
            "persons: [{id: a, role: adult}]\ncosts: [{type: hyra, amount: -5}]",
            "2026-03",
            ["costs[1].applied", "noll"],
        ),
        (
            "persons: [{id: a, role: adult}]\ncosts: [{type: hyra, amount: 5400.505}]",
            "2026-03",
            ["två decimaler"],
        ),
        ("- bara en lista", "2026-03", ["beskriver inget hushåll"]),
        ("a: [", "2026-03", ["YAML på rad"]),
        ("", "2026-03", ["beskriver inget hushåll"]),
        ("persons: [{id: å, role: adult}]".encode("latin-1"), "2026-03", ["UTF-8"]),
        (b"x" * 2_000_001, "2026-03", ["för stor"]),
        (None, "2026-03", ["ingen fil"]),
    ],
)
def test_bad_input_is_a_sentence(
    tmp_path: Path, content: str | bytes | None, month: str, sentences: list[str]
) -> None:
    file = tmp_path / "h.yaml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = run(file, "--month", month)
    assert found.exit_code == BAD_INPUT, found.output
    assert found.stdout == ""
    assert all(sentence in found.stderr for sentence in sentences), found.stderr
    assert "Traceback" not in found.stderr


def test_a_folder_is_no_household(tmp_path: Path) -> None:
    found = run(tmp_path, "--month", "2026-03")
    assert found.exit_code == BAD_INPUT
    assert "kan inte läsas" in found.stderr


def test_importing_the_command_loads_neither_django_nor_pydantic() -> None:
    code = (
        "import sys; import sambruk.systems.financial_assistance.calculate_command as c; "
        "print([name for name in ('django', 'pydantic', 'ruamel.yaml') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_computing_loads_no_django() -> None:
    code = (
        "import sys; from pathlib import Path; "
        "import sambruk.systems.financial_assistance.calculate_command as c; "
        f"c.calculate(Path({str(EXAMPLE)!r}), '2019-10', True); "
        "print('django' in sys.modules, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "False"
