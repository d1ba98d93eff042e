"""Conditions: a failure is never an answer, unanswered is a value of its own, and all is decided in order."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import TEXT, service

from sambruk.platform.definitions.conditions import (
    BrokenConditions,
    CelError,
    ConditionFailed,
    Conditions,
    Environment,
    Evaluation,
    Unanswered,
)
from sambruk.platform.definitions.conditions.functions import Kind

K = Kind
ENV = Environment(
    {
        "rent": K.INT,
        "drives": K.BOOL,
        "kind": K.STRING,
        "tags": K.STRINGS,
        "incomes": K.ROWS,
        "incomes.amount": K.INTS,
        "incomes.taxed": K.BOOLS,
        "person": K.OPAQUE,
        "person.age": K.INT,
        "context.today": K.INT,
    }
)
NOTHING: dict[str, Any] = dict.fromkeys(ENV.names)


def run(text: str, **values: Any) -> Any:
    return ENV.compile(text).run(NOTHING | {k.replace("__", "."): v for k, v in values.items()})


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("rent > kr(5)", {"rent": 501}, True),
        ("rent == kr(5)", {"rent": 500}, True),
        ("drives", {"drives": False}, False),
        ("yes(drives)", {}, False),
        ("no(drives)", {}, False),
        ("answered(rent) && rent > 2", {}, False),
        ("answered(tags)", {}, False),
        ("answered(incomes)", {"incomes": []}, False),
        ('kind == "a"', {}, False),
        ('"b" in tags', {"tags": ["a", "b"]}, True),
        ("sum(incomes.amount) == kr(3)", {"incomes__amount": [100, 200]}, True),
        ("count(incomes) == 2", {"incomes": [{}, {}]}, True),
        ("any(incomes.taxed)", {"incomes__taxed": [False, True]}, True),
        ("person.age >= 18", {"person__age": 18}, True),
        ("value_or(rent, kr(1)) == kr(1)", {}, True),
        ('day("2026-03-31") + 1 == month("2026-04")', {}, True),
        ('add_months(day("2026-01-31"), 1) == day("2026-02-28")', {}, True),
        ('month_end(day("2028-02-10")) == day("2028-02-29")', {}, True),
        ('age(day("2008-02-29"), day("2026-02-28")) == 17', {}, True),
        ('year_of(day("2026-12-31")) == 2026', {}, True),
        ("least(rent, 3) + greatest(rent, 3) == rent + 3", {"rent": 9}, True),
        ('kind == "rent > 5 // not a comment"', {"kind": "rent > 5 // not a comment"}, True),
    ],
)
def test_a_condition_gives_what_it_says(text: str, values: dict[str, Any], expected: bool) -> None:
    assert run(text, **values) is expected


@pytest.mark.parametrize(
    "text", ["rent > 5", "drives", "!drives", "rent + 1 > 0", "person.age > 3", "least(rent, 1) == 1"]
)
def test_what_waits_for_an_answer_is_neither_true_nor_false(text: str) -> None:
    with pytest.raises(Unanswered):
        run(text)


def test_a_sum_with_an_unanswered_amount_is_unknown_not_zero() -> None:
    with pytest.raises(Unanswered):
        run("sum(incomes.amount) == 0", incomes__amount=[100, None])
    with pytest.raises(Unanswered):
        run("any(incomes.taxed)", incomes__taxed=[None, False])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("rent * rent * rent > 0", {"rent": 2**40}),
        ("rent / (rent - 1) > 0", {"rent": 1}),
        ('day("2026-13-01") > 0', {}),
        ('kind.matches("[")', {"kind": "x"}),
        ("rent > 5", {"rent": "5"}),
        ("drives", {"drives": "yes"}),
        ("add_months(rent, 1) > 0", {"rent": 10**9}),
    ],
)
def test_an_error_raises_and_is_never_taken_for_true(text: str, values: dict[str, Any]) -> None:
    with pytest.raises(ConditionFailed) as caught:
        run(text, **values)
    assert not isinstance(caught.value, Unanswered)


def test_the_message_of_a_failure_holds_nothing_that_somebody_answered() -> None:
    with pytest.raises(ConditionFailed) as caught:
        run("day(kind) > 0", kind="19900602-2397")
    assert "19900602" not in str(caught.value) and "2397" not in str(caught.value)


def test_a_missing_name_is_a_failure() -> None:
    with pytest.raises(ConditionFailed):
        ENV.compile("drives").run({})


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("unknown_field && drives", 1, 1, "unknown_field finns inte"),
        ("drives &&\n  rent + kind > 3", 2, 8, "går inte att använda"),
        ("rent > 1.5", 1, 8, "heltal"),
        ("rent > 1e3", 1, 8, "heltal"),
        ("rent", 1, 1, "ska ge bool"),
        ("rent >", 1, 7, "går inte att läsa"),
        ("drives == 1", 1, 8, "går inte att använda"),
        ("double(rent) > double(3)", 1, 7, "double finns inte"),
        ('timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")', 1, 10, "timestamp"),
        ("person.secret == 1", 1, 7, "går inte"),
        ("drives " * 400, 1, 1, "längre än"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(CelError) as caught:
        ENV.compile(text)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def form(fields: list[dict[str, Any]], answers: dict[str, Any], **more: Any) -> Evaluation:
    context = {"today": date(2026, 11, 24), "channel": "web"} | more.pop("context", {})
    parameters = more.pop("values", {})
    return Conditions(service(fields, **more)).evaluate(answers, parameters, context)


DRIVES = [
    {"id": "drives", "type": "yes_no", "required": True},
    {"id": "licence", "type": "text", "when": "drives", "required": True},
]


def test_a_field_is_asked_when_its_condition_holds() -> None:
    assert "licence" in form(DRIVES, {"drives": True}).required
    assert "licence" not in form(DRIVES, {"drives": False}).visible


def test_until_it_is_answered_the_next_question_is_neither_asked_nor_a_fault() -> None:
    result = form(DRIVES, {})
    assert "licence" not in result.visible
    assert result.undecided == {"licence"}
    assert result.faults == []


def test_the_answer_to_a_hidden_field_counts_as_none() -> None:
    fields = [*DRIVES, {"id": "x", "type": "text", "when": "answered(licence)"}]
    assert "x" not in form(fields, {"drives": False, "licence": "AB"}).visible
    assert "x" in form(fields, {"drives": True, "licence": "AB"}).visible


def test_order_of_writing_does_not_matter() -> None:
    fields = [
        {"id": "c", "type": "amount", "computed": "b + a"},
        {"id": "b", "type": "amount", "computed": "a * 2"},
        {"id": "a", "type": "amount"},
    ]
    assert form(fields, {"a": "10.50"}).computed == {"c": "31.50", "b": "21.00"}


def test_a_circle_is_refused_and_named() -> None:
    fields = [
        {"id": "a", "type": "yes_no", "when": "yes(b)"},
        {"id": "b", "type": "yes_no", "when": "yes(a)"},
    ]
    with pytest.raises(BrokenConditions, match=r"går runt"):
        Conditions(service(fields))


def test_each_may_require_the_other() -> None:
    fields = [
        {"id": "email", "type": "email", "required_when": "!answered(phone)"},
        {"id": "phone", "type": "phone", "required_when": "!answered(email)"},
    ]
    assert form(fields, {}).required == {"email", "phone"}
    assert form(fields, {"email": "a@b.se"}).required == {"email"}


GROUP = [
    {"id": "has_children", "type": "yes_no", "required": True},
    {
        "id": "children",
        "type": "repeating_group",
        "when": "has_children",
        "row_label": TEXT,
        "add_label": TEXT,
        "fields": [
            {
                "id": "residence",
                "type": "choice",
                "label": TEXT,
                "required": True,
                "options": [{"id": "whole", "label": TEXT}, {"id": "half", "label": TEXT}],
            },
            {"id": "days", "type": "number", "label": TEXT, "when": 'residence == "half"', "required": True},
        ],
    },
    {"id": "total_days", "type": "number", "computed": "sum(children.days)"},
]


def test_conditions_in_a_group_are_about_their_own_row() -> None:
    result = form(
        GROUP, {"has_children": True, "children": [{"residence": "whole"}, {"residence": "half", "days": 15}]}
    )
    assert "children.1.days" in result.required
    assert "children.0.days" not in result.visible
    assert result.computed["total_days"] == 15


def test_a_hidden_group_has_no_rows() -> None:
    result = form(GROUP, {"has_children": False, "children": [{"residence": "half", "days": 15}]})
    assert result.computed["total_days"] == 0
    assert not any(one.startswith("children") for one in result.visible)


def test_an_unreadable_answer_is_a_fault_of_what_needs_it() -> None:
    fields = [{"id": "a", "type": "amount"}, {"id": "b", "type": "text", "when": "a > kr(1)"}]
    result = form(fields, {"a": "tolv"})
    assert {fault.address for fault in result.faults} == {"a", "b"}
    assert "b" not in result.visible


def test_a_failed_condition_hides_its_field_and_is_on_the_list() -> None:
    fields = [{"id": "a", "type": "number"}, {"id": "b", "type": "text", "when": "10 / a > 1"}]
    result = form(fields, {"a": 0})
    assert [fault.address for fault in result.faults] == ["b"]
    assert "b" not in result.visible


def test_parameters_dates_and_persons_are_known() -> None:
    fields = [
        {"id": "who", "type": "person", "required": True},
        {"id": "adult", "type": "text", "when": "answered(who) && who.age >= parameters.limit"},
        {"id": "late", "type": "text", "when": 'context.today > day("2026-11-20")'},
    ]
    parameters = {"limit": {"type": "number", "label": TEXT, "default": 18}}
    who = {"personal_number": "200811252380", "given_name": "A", "family_name": "B"}
    result = form(fields, {"who": who}, parameters=parameters, values={"limit": 18})
    assert "late" in result.visible and "adult" not in result.visible
    assert "adult" in form(fields, {"who": who}, parameters=parameters, values={"limit": 17}).visible


def test_flags_of_the_process_are_computed_from_the_answers() -> None:
    flags = {"couple": {"type": "yes_no", "label": TEXT, "is": "yes(drives)"}}
    assert form(DRIVES, {"drives": True}, flags=flags).flags == {"couple": True}
    assert form(DRIVES, {}, flags=flags).flags == {"couple": False}


def test_the_gate_stops_advises_and_leaves_the_unknown_undecided() -> None:
    gate = {
        "questions": [{"id": "q", "type": "yes_no", "label": TEXT, "required": True}],
        "rules": [
            {"id": "no_case", "when": "!context.has_open_case", "title": TEXT, "instead": TEXT},
            {"id": "moved", "when": "no(q)", "then": "advise", "title": TEXT, "instead": TEXT},
        ],
    }
    conditions = Conditions(service(eligibility=gate))
    result = conditions.gate({"q": False}, {}, {"has_open_case": False})
    assert (result.stop, result.advise) == (("no_case",), ("moved",))
    unknown = conditions.gate({"q": True}, {}, {})
    assert (unknown.stop, unknown.undecided) == ((), ("no_case",))


@given(st.lists(st.integers(0, 10**9), max_size=20))
def test_sums_are_exact_to_the_ore(amounts: list[int]) -> None:
    fields = [
        {
            "id": "g",
            "type": "repeating_group",
            "row_label": TEXT,
            "add_label": TEXT,
            "max_rows": 20,
            "fields": [{"id": "amount", "type": "amount", "label": TEXT}],
        },
        {"id": "total", "type": "amount", "computed": "sum(g.amount)"},
    ]
    rows = [{"amount": f"{one // 100}.{one % 100:02d}"} for one in amounts]
    total = sum(amounts)
    assert form(fields, {"g": rows}).computed["total"] == f"{total // 100}.{total % 100:02d}"


def test_a_large_service_is_evaluated_within_a_page_view() -> None:
    fields: list[dict[str, Any]] = [{"id": f"q{i}", "type": "yes_no", "required": True} for i in range(50)]
    fields += [
        {"id": f"a{i}", "type": "amount", "when": f"yes(q{i % 50})", "required_when": f"no(q{(i + 1) % 50})"}
        for i in range(75)
    ]
    fields += [{"id": f"c{i}", "type": "amount", "computed": f"value_or(a{i}, 0) * 2"} for i in range(25)]
    steps = [
        {"id": f"s{n}", "title": TEXT, "fields": [{"label": TEXT, **f} for f in fields[n * 50 : n * 50 + 50]]}
        for n in range(3)
    ]
    conditions = Conditions(service(steps=steps))
    answers: dict[str, Any] = {f"q{i}": i % 2 == 0 for i in range(50)} | {f"a{i}": "10.00" for i in range(75)}
    context = {"today": date(2026, 11, 24)}
    conditions.evaluate(answers, {}, context)
    start = time.perf_counter()
    for _ in range(20):
        conditions.evaluate(answers, {}, context)
    assert (time.perf_counter() - start) / 20 < 0.02
