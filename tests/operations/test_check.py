"""The check counts only what held, stops a town at its first fault, and says the same to machines."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import cast

import pytest

from sambruk.operations.demo import check
from sambruk.operations.demo.browser import PageFault
from sambruk.operations.demo.check import Play, Step, play, verify
from sambruk.operations.demo.parts import Setup


class _Setup:
    port = 1
    issuer = "http://127.0.0.1:2"


SETUP = cast("Setup", _Setup())


def _holds(run: Play) -> list[str]:
    return [f"{run.town.short_name} stämmer"]


def test_all_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.json"
    assert play(SETUP, json_file=file, steps=[Step("Ett", _holds), Step("Två", _holds)]) == 0
    printed = capsys.readouterr().out
    assert "Järfälla stämmer" in printed
    assert "Botkyrka stämmer" in printed
    assert "Allt höll. 4 av 4 steg" in printed
    report = json.loads(file.read_text())
    assert report["ok"] is True
    assert [(step["name"], step["municipality"], step["ok"]) for step in report["steps"]] == [
        ("Ett", "Järfälla kommun", True),
        ("Två", "Järfälla kommun", True),
        ("Ett", "Botkyrka kommun", True),
        ("Två", "Botkyrka kommun", True),
    ]
    assert all(step["seconds"] >= 0 and step["verified"] for step in report["steps"])


def test_what_follows_a_fault_is_not_tried_there_but_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails_in_botkyrka(run: Play) -> list[str]:
        verify(run.town.code != "0127", "Beslutet saknas.")
        return ["fanns"]

    file = tmp_path / "r.json"
    assert play(SETUP, json_file=file, steps=[Step("Ett", fails_in_botkyrka), Step("Två", _holds)]) == 1
    steps = json.loads(file.read_text())["steps"]
    assert [step["ok"] for step in steps] == [True, True, False, False]
    assert steps[2]["error"] == "Beslutet saknas."
    assert "prövades inte" in steps[3]["error"]
    assert "Något höll inte. 2 av 4 steg" in capsys.readouterr().out


def test_one_job_that_fails_stops_no_other(tmp_path: Path) -> None:
    def breaks(run: Play) -> list[str]:
        raise PageFault("pang")

    file = tmp_path / "r.json"
    steps = [Step("Ett", breaks), Step("Två", _holds), Step("Tre", _holds, job="report")]
    assert play(SETUP, json_file=file, steps=steps) == 1
    told = [(step["job"], step["ok"]) for step in json.loads(file.read_text())["steps"]]
    assert told[:3] == [("main-job", False), ("main-job", False), ("report", True)]


def test_an_unforeseen_fault_is_a_fault_of_its_step() -> None:
    def breaks(run: Play) -> list[str]:
        raise RuntimeError("pang")

    assert play(SETUP, json_file=None, steps=[Step("Ett", breaks)]) == 1


def test_a_step_that_verified_nothing_did_not_hold() -> None:
    assert play(SETUP, json_file=None, steps=[Step("Ett", lambda run: [])]) == 1


def test_no_steps_is_not_success() -> None:
    assert play(SETUP, json_file=None, steps=[]) == 1


def test_the_towns_are_played_at_the_same_time() -> None:
    both = threading.Barrier(len(check.TOWNS), timeout=10)

    def meets(run: Play) -> list[str]:
        both.wait()
        return ["möttes"]

    assert play(SETUP, json_file=None, steps=[Step("Ett", meets)]) == 0


def test_each_person_has_a_browser_of_their_own() -> None:
    from sambruk.operations.demo.people import municipality

    run = Play(SETUP, municipality("0123"))
    assert run.browser("anna") is run.browser("anna")
    assert run.browser("anna") is not run.browser("erik")
    assert run.staff("decision_maker").municipality == "0123"
    with pytest.raises(KeyError):
        run.staff("king")
    run.close()


def test_verify_says_what_was_wrong() -> None:
    with pytest.raises(PageFault, match="Kvittot saknas"):
        verify([], "Kvittot saknas.")
