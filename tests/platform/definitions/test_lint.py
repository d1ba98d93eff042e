"""Lint: each thing that can be wrong gives its file, line, rule and what to write instead."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import TEXT, drawing, loaded

from sambruk.platform.definitions.findings import Finding
from sambruk.platform.definitions.lint import errors, lint
from sambruk.platform.definitions.load import load_files, load_folder

SERVICES = Path(__file__).parents[3] / "services"
YES = {"type": "yes_no"}
CHOICE = {"type": "choice", "options": [{"id": "a", "label": TEXT}, {"id": "b", "label": TEXT}]}
FLAG = {"type": "choice", "label": TEXT, "options": [{"id": "x", "label": TEXT}, {"id": "y", "label": TEXT}]}
LAW = {"id": "law", "act": "Lag", "section": "1 §", "from": "2020-01-01", "source": "x", "mark": "verified"}
NODES = {
    "start": "startEvent",
    "work": "userTask",
    "gate": "exclusiveGateway",
    "more": "userTask",
    "end": "endEvent",
}
TASK = {"title": TEXT, "for": "staff", "role": "caseworker", "sets": ["f"]}
FLOW: dict[str, Any] = {
    "flags": {"f": FLAG},
    "tasks": {"work": TASK, "more": TASK},
    "stations": [
        {"id": "submitted", "label": TEXT, "next": TEXT, "elements": ["work", "more"]},
        {"id": "closed", "label": TEXT, "next": TEXT},
    ],
}


def rules(fields: list[dict[str, Any]] = [], **changes: Any) -> dict[str, Finding]:  # noqa: B006
    return {one.rule: one for one in lint(loaded(fields, **changes))}


def flow_rules(arrows: list[Any], nodes: dict[str, str] | None = None, **changes: Any) -> dict[str, Finding]:
    files = {"process.bpmn": drawing(nodes or NODES, arrows)}
    return {one.rule: one for one in lint(loaded(files=files, **{**FLOW, **changes}))}


def decision(**changes: Any) -> dict[str, Any]:
    base = {"title": TEXT, "outcome": "grant", "letter": "l"}
    return {
        "decisions": {"d": base | changes},
        "letters": {"l": {"title": TEXT, "file": "letters/l.md"}},
        "legal_basis": [LAW],
        "files": {"letters/l.md": b"# {decision_title}\n"},
    }


def test_a_sound_service_has_no_findings() -> None:
    assert lint(loaded([{"id": "a", **YES}, {"id": "b", "type": "text", "when": "yes(a)"}])) == []


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in SERVICES.glob("*/service.yaml")))
def test_our_own_services_have_no_errors(folder: str) -> None:
    findings = lint(load_folder(SERVICES / folder))
    assert errors(findings) == []
    assert {one.rule for one in findings} <= {"law.unverified"}


@pytest.mark.parametrize(
    ("fields", "rule", "words"),
    [
        ([{"id": "a", **YES}, {"id": "a", **YES}], "id.taken", "a"),
        ([{"id": "context", **YES}], "id.taken", "context"),
        ([{"id": "c", "type": "choice", "options": [CHOICE["options"][0]] * 2}], "id.taken", "a"),
        ([{"id": "a", "type": "text", "when": "nothing"}], "condition.type", "nothing finns inte"),
        (
            [{"id": "n", "type": "number"}, {"id": "a", "type": "text", "when": "n"}],
            "condition.type",
            "ska ge bool",
        ),
        (
            [{"id": "a", **YES}, {"id": "b", "type": "text", "when": "a"}],
            "condition.unanswered",
            "a inte är besvarad",
        ),
        (
            [{"id": "n", "type": "number"}, {"id": "b", "type": "text", "when": "n > 3"}],
            "condition.unanswered",
            "n",
        ),
        (
            [{"id": "c", **CHOICE}, {"id": "b", "type": "text", "when": 'c != "a"'}],
            "condition.unanswered",
            "gäller även",
        ),
        (
            [{"id": "c", **CHOICE}, {"id": "b", "type": "text", "when": 'c == "z"'}],
            "condition.never",
            "aldrig",
        ),
        (
            [{"id": "a", **YES}, {"id": "b", "type": "text", "when": "yes(a) && no(a)"}],
            "condition.never",
            "aldrig",
        ),
        (
            [
                {"id": "n", "type": "number", "required": True},
                {"id": "b", "type": "text", "when": "n > 5 && n < 5"},
            ],
            "condition.never",
            "aldrig",
        ),
        (
            [{"id": "a", **YES}, {"id": "b", "type": "text", "when": "yes(a) || !yes(a)"}],
            "condition.always",
            "alltid",
        ),
        (
            [
                {"id": "n", "type": "number", "required": True},
                {"id": "b", "type": "text", "when": "10 / n > 1"},
            ],
            "condition.fails",
            "fel",
        ),
        (
            [
                {"id": "k", "type": "amount", "required": True},
                {"id": "b", "type": "text", "when": "k > 5000"},
            ],
            "condition.ore",
            "öre",
        ),
        (
            [{"id": "a", **YES, "when": "yes(b)"}, {"id": "b", **YES, "when": "yes(a)"}],
            "condition.cycle",
            "går runt",
        ),
        ([{"id": "m", "type": "month", "latest": "a"}, {"id": "a", **YES}], "condition.type", "m.latest"),
        ([{"id": "n", "type": "number", "min": 9, "max": 1}], "field.bounds", "min"),
        (
            [{"id": "a", **YES, "required": True, "required_when": "yes(b)"}, {"id": "b", **YES}],
            "field.required",
            "alltid",
        ),
    ],
)
def test_what_is_wrong_in_the_form_is_found(fields: list[dict[str, Any]], rule: str, words: str) -> None:
    found = rules(fields)
    assert rule in found, found
    assert words in f"{found[rule].message} {found[rule].instead}"
    assert found[rule].line > 1 and found[rule].instead


@pytest.mark.parametrize(
    "when",
    ["yes(a)", "answered(n) && n > 3", 'c == "a"', 'answered(c) && c != "a"', "value_or(n, 0) > 3", "r"],
)
def test_conditions_that_handle_the_unanswered_are_not_remarked_on(when: str) -> None:
    fields = [
        {"id": "a", **YES},
        {"id": "n", "type": "number"},
        {"id": "c", **CHOICE},
        {"id": "r", **YES, "required": True},
        {"id": "x", "type": "text", "when": when},
    ]
    assert rules(fields) == {}


def test_a_step_that_is_never_reached_is_found() -> None:
    field = {"id": "b", "type": "text", "label": TEXT}
    steps = [
        {
            "id": "one",
            "title": TEXT,
            "fields": [{"id": "a", "type": "yes_no", "label": TEXT, "required": True}],
        },
        {"id": "two", "title": TEXT, "when": "a && !a", "fields": [field]},
    ]
    assert "two.when" in rules(steps=steps)["condition.never"].message


def test_the_line_is_that_of_the_condition() -> None:
    text = b"".join(
        line + b"\n" for line in (SERVICES / "felanmalan" / "service.yaml").read_bytes().splitlines()
    ).decode()
    bent = text.replace("when: yes(danger)", "when: yes(dangre)")
    line = next(number for number, one in enumerate(bent.splitlines(), 1) if "dangre" in one)
    files = {**load_folder(SERVICES / "felanmalan").files, "service.yaml": bent.encode()}
    found = next(one for one in lint(load_files(files)) if "dangre" in one.message and one.line == line)
    assert found.file == "service.yaml" and found.rule == "condition.type"


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"signatures": [{"party": "nobody", "attests": ["x"]}]}, "reference", "nobody"),
        ({"parties": {"p": {"label": TEXT, "person": "a"}}}, "reference", "personfält"),
        (
            {
                "login": {"assurance": 0},
                "parties": {"p": {"label": TEXT}},
                "attestations": {"x": TEXT},
                "signatures": [{"party": "p", "attests": ["x"]}],
            },
            "login.sign",
            "logga in",
        ),
        ({"case": {"title": TEXT, "search": ["zz"]}}, "reference", "zz"),
        ({"case": {"title": {"sv": "{zz}"}}}, "text.placeholder", "zz"),
        ({"period": {"type": "monthly", "field": "a", "opens_days_before": 3}}, "reference", "månadsfält"),
        ({"parameters": {"p": {"type": "choice", "label": TEXT}}}, "parameter.options", "p"),
        (
            {"parameters": {"p": {"type": "number", "label": TEXT, "default": 5, "from": 9}}},
            "parameter.default",
            "lägst 9",
        ),
        (
            {
                "deadlines": [
                    {
                        "id": "d",
                        "label": TEXT,
                        "starts": "work",
                        "term": {"days": {"parameter": "zz"}},
                        "source": "x",
                    }
                ]
            },
            "reference",
            "zz",
        ),
        (
            {"deadlines": [{"id": "d", "label": TEXT, "starts": "zz", "term": {"days": 3}, "source": "x"}]},
            "reference",
            "zz",
        ),
        ({"tasks": {"work": {"title": TEXT, "for": "staff", "role": "emperor"}}}, "reference", "emperor"),
        (
            {"tasks": {"work": {"title": TEXT, "for": "staff", "role": "caseworker", "sets": ["zz"]}}},
            "reference",
            "zz",
        ),
        ({"secrecy": {"class": "social"}}, "secrecy", "lagrum"),
        ({"messages": {"m": {"label": TEXT, "sent_by": "staff"}}}, "bpmn.undrawn", "m"),
        ({"messages": {"m": {"label": TEXT, "sent_by": "deadline"}}}, "message.unsent", "m"),
        ({"process": "other.bpmn"}, "file.missing", "other.bpmn"),
        ({"title": {"sv": "Text", "en": "Text"}}, "text.translation", "en"),
        ({"title": {"sv": "Text } med klammer"}}, "text.brace", "klammer"),
        ({"summary": {"sv": "Text {namn}"}}, "text.placeholder", "namn"),
        ({"legal_basis": [LAW | {"mark": "unverified"}]}, "law.unverified", "källan"),
        ({"legal_basis": [LAW | {"to": "2019-01-01"}]}, "law.dates", "slutar"),
        (
            {
                "description": {
                    "sv": "Ansökningshandlingarnas fullständighetsgranskning förutsätter kommunikationsplikt "
                    "avseende utredningsmaterial " * 6
                }
            },
            "text.lix",
            "läsbarhetsindex",
        ),
    ],
)
def test_what_is_wrong_between_the_parts_is_found(changes: dict[str, Any], rule: str, words: str) -> None:
    found = [one for one in lint(loaded([{"id": "a", "type": "text"}], **changes)) if one.rule == rule]
    assert any(words in f"{one.message} {one.instead}" for one in found), lint(loaded(**changes))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"outcome": "refuse"}, "decision.reasons"),
        ({"outcome": "refuse", "own_words": "required"}, "decision.appeal"),
        ({"letter": "zz"}, "reference"),
        ({"phrases": ["zz"]}, "reference"),
        ({"legal_basis": ["zz"]}, "reference"),
    ],
)
def test_what_is_wrong_in_a_decision_is_found(changes: dict[str, Any], rule: str) -> None:
    assert rule in rules(**decision(**changes))
    assert rules(**decision()) == {}


def test_letters_name_only_what_can_be_filled_in() -> None:
    wrong = decision() | {"files": {"letters/l.md": b"# Beslut\n\n{amount} {nonsense}\n"}}
    found = rules(**wrong)["text.placeholder"]
    assert (found.file, found.line) == ("letters/l.md", 3)
    assert "file.missing" in rules(**(decision() | {"files": {}}))


LOOP = [
    ("start", "work"),
    ("work", "gate"),
    ("gate", "more", 'f == "x"'),
    ("gate", "end", 'f == "y"'),
    ("more", "end"),
]


@pytest.mark.parametrize(
    ("arrows", "changes", "rule"),
    [
        (LOOP, {}, ""),
        ([*LOOP[:3], ("gate", "end", 'f == "z"'), LOOP[4]], {}, "condition.never"),
        ([*LOOP[:3], ("gate", "end", 'f == "z"'), LOOP[4]], {}, "bpmn.gap"),
        ([*LOOP[:3], ("gate", "end", 'f != "z"'), LOOP[4]], {}, "bpmn.overlap"),
        ([*LOOP[:3], ("gate", "end"), LOOP[4]], {}, "bpmn.condition"),
        ([*LOOP[:3], ("gate", "end", "zz"), LOOP[4]], {}, "condition.type"),
        ([("start", "work", 'f == "x"'), *LOOP[1:]], {}, "bpmn.condition"),
        ([*LOOP[:4]], {}, "bpmn.stuck"),
        ([("start", "work"), ("work", "end"), ("gate", "more"), ("more", "end")], {}, "bpmn.unreachable"),
        (LOOP, {"tasks": {"work": TASK}}, "bpmn.undeclared"),
        (LOOP, {"tasks": {"work": TASK, "more": TASK, "zz": TASK}}, "bpmn.undrawn"),
        (LOOP, {"handlers": {"zz": {"handler": "a.b", "title": TEXT}}}, "bpmn.undrawn"),
        (LOOP, {"tasks": {k: TASK | {"sets": []} for k in ("work", "more")}}, "flag.unset"),
        (
            LOOP,
            {"stations": [FLOW["stations"][0] | {"elements": ["work"]}, FLOW["stations"][1]]},
            "station.none",
        ),
        (
            LOOP,
            {"stations": [FLOW["stations"][0], FLOW["stations"][1] | {"elements": ["work"]}]},
            "station.twice",
        ),
        (
            LOOP,
            {"stations": [FLOW["stations"][0] | {"elements": ["work", "more", "zz"]}, FLOW["stations"][1]]},
            "reference",
        ),
    ],
)
def test_what_is_wrong_in_the_process_is_found(arrows: list[Any], changes: dict[str, Any], rule: str) -> None:
    found = flow_rules(arrows, **changes)
    assert (rule in found) if rule else found == {}


def test_refused_elements_have_the_drawings_line() -> None:
    found = flow_rules(LOOP, nodes=NODES | {"more": "scriptTask"})["bpmn.element"]
    assert found.file == "process.bpmn" and found.line > 3


def test_a_large_service_is_checked_within_a_second() -> None:
    steps = []
    for n in range(10):
        fields: list[dict[str, Any]] = [
            {"id": f"q{n}_{i}", "type": "yes_no", "label": TEXT, "required": True} for i in range(5)
        ]
        fields += [
            {
                "id": f"a{n}_{i}",
                "type": "amount",
                "label": TEXT,
                "when": f"yes(q{n}_{i % 5}) && no(q{n}_{(i + 1) % 5})",
                "required_when": f"yes(q{n}_{(i + 2) % 5})",
            }
            for i in range(10)
        ]
        steps.append({"id": f"s{n}", "title": TEXT, "fields": fields})
    service = loaded(steps=steps)
    start = time.perf_counter()
    assert lint(service) == []
    assert time.perf_counter() - start < 1.0
