"""The command: help for everything, quick to start, one sentence for what a person can put right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sambruk.systems
from sambruk.common.system import System
from sambruk.config import systems
from sambruk.config.systems import find_systems
from sambruk.operations import testing
from sambruk.operations.errors import OperationError

COMMANDS = ("demo", "test", "serve", "worker", "migrate", "municipality", "verify", "doctor", "rotate-keys")


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "sambruk.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_help_names_every_command_and_the_systems_own() -> None:
    done = _run("--help")
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f"  {name} " in done.stdout
    for system in find_systems().systems:
        for name in system.commands:
            assert f"  {name} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    done = _run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout


def test_help_imports_neither_django_nor_the_database() -> None:
    code = (
        "import sys\nfrom sambruk import cli\n"
        "sys.argv = ['sambruk', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'django', 'psycopg', 'httpx', 'pydantic', 'rich.markdown'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_a_usage_error() -> None:
    assert _run("nosuch").returncode == 2


def test_an_expected_fault_is_one_sentence_without_a_traceback() -> None:
    done = _run("serve", SAMBRUK_TEST_MODE="", SAMBRUK_SECRET_KEY="", SAMBRUK_FIELD_KEYS="")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "SAMBRUK_SECRET_KEY och SAMBRUK_FIELD_KEYS saknas" in done.stderr


AWAY = {"DATABASE_URL": "postgresql://sambruk_app@127.0.0.1:1/none"}


@pytest.mark.parametrize("command", ["verify", "municipality list", "rotate-keys"])
def test_a_database_that_is_away_is_one_sentence(command: str) -> None:
    done = _run(*command.split(), **AWAY)
    assert done.returncode == 1
    assert done.stderr == "Databasen svarar inte. Kontrollera DATABASE_URL och att servern är igång.\n"


def test_the_doctor_says_once_that_the_database_is_away() -> None:
    findings = json.loads(_run("doctor", "--json", **AWAY).stdout)["findings"]
    assert [one["part"] for one in findings if one["text"].startswith("Svarar inte: ")] == ["Databasen"]
    assert not [one for one in findings if "OperationalError" in one["text"]]
    [untried] = [one["text"] for one in findings if one["part"] == "Inte prövat"]
    assert {"Migreringar", "Roller", "Inloggning", "Jobb"} <= set(
        untried.removesuffix(" behöver databasen.").split(", ")
    )


def test_json_belongs_to_the_check() -> None:
    assert _run("demo", "--json", "x.json").returncode == 2


def test_a_system_that_cannot_be_loaded_is_a_named_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in {
        "broken_import": "import no_such_module",
        "broken_type": "SYSTEM = 'not a System'",
        "broken_missing": "",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "system.py").write_text(source)
    monkeypatch.setattr(sambruk.systems, "__path__", [*sambruk.systems.__path__, str(tmp_path)])
    found = find_systems.__wrapped__()
    assert {fault.name: fault.error.split(":")[0] for fault in found.faults if "broken" in fault.name} == {
        "broken_import": "ModuleNotFoundError",
        "broken_type": "TypeError",
        "broken_missing": "AttributeError",
    }
    assert {system.name for system in found.systems} >= {system.name for system in find_systems().systems}


def test_a_system_whose_app_is_broken_is_not_installed_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = System(name="broken", label="Trasigt", django_apps=["no_such_package.apps.BrokenConfig"])
    whole = find_systems()
    monkeypatch.setattr(systems, "find_systems", lambda: systems.Found((*whole.systems, broken), ()))
    found = systems.usable_systems.__wrapped__()
    assert broken not in found.systems
    assert [fault.name for fault in found.faults] == ["broken"]
    assert len(found.systems) == len(whole.systems)


def test_a_system_that_cannot_be_set_up_is_a_named_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "_not_set_up", [])
    systems.set_up(System(name="broken", label="Trasigt", setup="no_such_package:setup"))
    assert [fault.name for fault in systems.all_faults() if fault.name == "broken"] == ["broken"]


def test_tests_run_on_two_processes_unless_told_otherwise() -> None:
    assert testing.command(["tests/x.py"])[1:] == ["-m", "pytest", "-n", "2", "tests/x.py"]
    for given in (["-n", "0"], ["-n4"], ["--numprocesses=3"]):
        assert testing.command(given)[1:] == ["-m", "pytest", *given]


def test_a_missing_browser_is_never_skipped_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMBRUK_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OperationError, match=r"behöver Chromium, som saknas\. Kör: "):
        testing.require_browser()


def test_a_browser_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMBRUK_CHROMIUM", sys.executable)
    assert testing.require_browser() == sys.executable


def test_a_missing_xmlsec1_is_never_skipped_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMBRUK_XMLSEC1", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OperationError, match=r"behöver programmet xmlsec1, som saknas\. Kör: "):
        testing.require_xmlsec1()
    monkeypatch.setenv("SAMBRUK_XMLSEC1", sys.executable)
    assert testing.require_xmlsec1() == sys.executable
