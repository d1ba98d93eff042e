"""Answers: read as people write, checked with sentences that say what to do, hidden ones dropped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.definitions import TEXT, service

from sambruk.common.errors import SambrukError
from sambruk.common.money import format_kr
from sambruk.platform.definitions.answers import Parsed, Validated, parse_step, parse_text, validate
from sambruk.platform.definitions.answers.checks import check
from sambruk.platform.definitions.conditions import Conditions

CONTEXT = {"today": date(2026, 11, 24), "channel": "web"}
OPTIONS = [{"id": "a", "label": TEXT}, {"id": "b", "label": TEXT}]
GROUP = {
    "id": "g",
    "type": "repeating_group",
    "row_label": TEXT,
    "add_label": TEXT,
    "max_rows": 3,
    "fields": [
        {"id": "amount", "type": "amount", "label": TEXT, "required": True},
        {
            "id": "why",
            "type": "text",
            "label": TEXT,
            "when": "answered(amount) && amount > kr(100)",
            "required": True,
        },
    ],
}


def parse(fields: list[dict[str, Any]], **data: Any) -> Parsed:
    sent = {key.replace("__", "."): [v] if isinstance(v, str) else v for key, v in data.items()}
    return parse_step(service(fields).steps[0], sent)


def checked(fields: list[dict[str, Any]], answers: dict[str, Any], **more: Any) -> Validated:
    return validate(Conditions(service(fields)), answers, {}, CONTEXT, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "wire"),
    [
        ("amount", "5 400,50", "5400.50"),
        ("amount", "5\u00a0400 kr", "5400.00"),
        ("amount", "0", "0.00"),
        ("number", " 1 200 ", 1200),
        ("date", "2026-01-31", "2026-01-31"),
        ("date", "20260131", "2026-01-31"),
        ("month", "2026-11", "2026-11"),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
        ("email", " maja@example.se ", "maja@example.se"),
        ("phone", "070-174 06 05", "+46701740605"),
        ("phone", "+47 22 82 26 00", "+4722822600"),
        ("text", "  två\tord\x00 ", "två ord"),
        ("long_text", "rad ett\r\nrad två ", "rad ett\nrad två"),
        ("text", "   ", None),
    ],
)
def test_what_people_write_is_read(kind: str, typed: str, wire: Any) -> None:
    assert parse_text(kind, typed) == wire


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("amount", "femtusen", "med siffror"),
        ("amount", "5.400", "utan punkt"),
        ("amount", "9" * 40, "för stort"),
        ("number", "1.5", "heltal"),
        ("number", "9" * 30, "heltal"),
        ("date", "2026-02-30", "år, månad och dag"),
        ("date", "31/1", "år, månad och dag"),
        ("month", "2026-13", "år och månad"),
        ("yes_no", "kanske", "ja eller nej"),
        ("email", "maja(at)example.se", "snabel-a"),
        ("email", "a@b.se\nBcc: c@d.se", "snabel-a"),
        ("phone", "ring mig", "telefonnumret"),
        ("phone", "0701", "antal siffror"),
        ("text", "\ufffd\ufffd", "inte går att läsa"),
        ("text", "x" * 20001, "för lång"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_that_says_what_to_do(kind: str, typed: str, words: str) -> None:
    with pytest.raises(SambrukError) as caught:
        parse_text(kind, typed)
    assert words in caught.value.message_sv


def test_composite_answers_are_read_part_by_part() -> None:
    fields = [
        {"id": "who", "type": "person"},
        {"id": "home", "type": "address"},
        {"id": "bank", "type": "bank_account"},
        {"id": "spot", "type": "place"},
        {"id": "some", "type": "choices", "options": OPTIONS},
    ]
    result = parse(
        fields,
        who__personal_number="900602-2397",
        who__given_name="Maja",
        who__family_name="Lind",
        home__street="Storgatan 1",
        home__postal_code="177 31",
        home__city="Järfälla",
        bank__clearing="5001",
        bank__account="123 45 63",
        spot__lat="59.425",
        spot__lon="17,83",
        some=["a", "b"],
    )
    assert result.errors == {}
    assert result.answers == {
        "who": {"personal_number": "199006022397", "given_name": "Maja", "family_name": "Lind"},
        "home": {"street": "Storgatan 1", "postal_code": "17731", "city": "Järfälla"},
        "bank": {"clearing": "5001", "account": "1234563"},
        "spot": {"lat": "59.425000", "lon": "17.830000"},
        "some": ["a", "b"],
    }


def test_a_wrong_part_has_its_own_sentence_and_the_others_are_kept() -> None:
    result = parse([{"id": "who", "type": "person"}], who__personal_number="123", who__given_name="Maja")
    assert "personnumret" in result.errors["who.personal_number"].lower()
    assert result.answers["who"] == {"given_name": "Maja"}
    bank = parse([{"id": "bank", "type": "bank_account"}], bank__clearing="5001", bank__account="1234567")
    assert "bank.account" in bank.errors


def test_rows_are_read_with_their_own_ids_and_told_by_their_place() -> None:
    result = parse([GROUP], g__2__row="r7", g__2__amount="12", g__5__row="r9", g__5__amount="x")
    assert result.answers["g"] == [{"row": "r7", "amount": "12.00"}, {"row": "r9"}]
    assert list(result.errors) == ["g.1.amount"]


def test_too_many_rows_are_refused_and_fields_not_sent_are_left_alone() -> None:
    assert "högst 3" in parse([GROUP], **{f"g__{i}__amount": "1" for i in range(5)}).errors["g"]
    assert parse([GROUP]).answers == {}
    assert parse([{"id": "a", "type": "text"}], a="").answers == {"a": None}


def test_what_is_hidden_is_dropped_at_submission() -> None:
    fields = [
        {"id": "has", "type": "yes_no", "required": True},
        {"id": "secret", "type": "text", "when": "has"},
        GROUP | {"when": "has"},
    ]
    given_answers = {"has": False, "secret": "hemligt", "g": [{"row": "r1", "amount": "5.00"}]}
    assert checked(fields, given_answers).answers == {"has": False}
    assert checked(fields, given_answers | {"has": True}).answers["secret"] == "hemligt"


def test_hidden_fields_of_a_row_are_dropped_too() -> None:
    result = checked(
        [GROUP], {"g": [{"row": "r1", "amount": "5.00", "why": "x"}, {"row": "r2", "amount": "500.00"}]}
    )
    assert result.answers["g"][0] == {"row": "r1", "amount": "5.00"}
    assert list(result.errors) == ["g.1.why"]


def test_unknown_answers_never_get_through() -> None:
    assert "evil" not in checked([{"id": "a", "type": "text"}], {"a": "x", "evil": "y"}).answers


def test_computed_values_are_ours_whatever_was_sent() -> None:
    fields = [{"id": "a", "type": "amount"}, {"id": "b", "type": "amount", "computed": "a * 2"}]
    assert checked(fields, {"a": "2.00", "b": "999.00"}).answers == {"a": "2.00", "b": "4.00"}


def test_what_is_required_is_asked_for_by_its_name_only_when_complete() -> None:
    fields = [{"id": "a", "type": "amount", "label": {"sv": "Hyra"}, "required": True}]
    assert checked(fields, {}).errors == {"a": "Fyll i beloppet: Hyra. Skriv 0 om det inte finns något."}
    assert checked(fields, {"a": "0.00"}).good
    assert checked(fields, {}, complete=False).good


def test_only_the_step_that_is_left_gives_errors() -> None:
    steps = [
        {
            "id": "one",
            "title": TEXT,
            "fields": [{"id": "a", "type": "text", "label": TEXT, "required": True}],
        },
        {
            "id": "two",
            "title": TEXT,
            "fields": [{"id": "b", "type": "text", "label": TEXT, "required": True}],
        },
    ]
    conditions = Conditions(service(steps=steps))
    assert list(validate(conditions, {}, {}, CONTEXT, step="one").errors) == ["a"]
    assert list(validate(conditions, {}, {}, CONTEXT).errors) == ["a", "b"]


def test_a_failed_or_undecided_condition_stops_the_submission() -> None:
    failing = [
        {"id": "a", "type": "number", "required": True},
        {"id": "b", "type": "text", "when": "10 / a > 1"},
    ]
    assert "Kontakta kommunen" in checked(failing, {"a": 0}).errors["b"]
    waiting = [{"id": "a", "type": "number"}, {"id": "b", "type": "text", "when": "a > 1"}]
    assert "b" in checked(waiting, {}).errors


@pytest.mark.parametrize(
    ("field", "wire", "words"),
    [
        ({"type": "text", "max_length": 3}, "abcd", "1 tecken för lång"),
        ({"type": "text", "min_length": 3}, "ab", "minst 3"),
        ({"type": "text", "pattern": "[0-9]+", "pattern_help": {"sv": "Bara siffror."}}, "x", "Bara siffror"),
        ({"type": "text"}, "två\nrader", "fel form"),
        ({"type": "text"}, "\u202egnp.exe", "fel form"),
        ({"type": "text"}, 5, "fel form"),
        ({"type": "number", "max": 9}, 10, "högst 9"),
        ({"type": "number"}, True, "fel form"),
        ({"type": "number"}, 1.0, "fel form"),
        ({"type": "amount"}, "-0.01", "mindre än noll"),
        ({"type": "amount", "max": "100"}, "100.01", "högst 100"),
        ({"type": "amount"}, "1e5", "fel form"),
        ({"type": "amount"}, "5400", "fel form"),
        ({"type": "amount"}, 5400, "fel form"),
        ({"type": "date"}, "2026-02-30", "år, månad"),
        ({"type": "date"}, "0001-01-01", "år, månad"),
        ({"type": "month"}, "2026-1", "år och månad"),
        ({"type": "yes_no"}, "yes", "ja eller nej"),
        ({"type": "choice", "options": OPTIONS}, "c", "ett av svaren"),
        ({"type": "choices", "options": OPTIONS}, ["a", "a"], "bland svaren"),
        ({"type": "choices", "options": OPTIONS}, ["a", {}], "bland svaren"),
        ({"type": "choices", "options": OPTIONS, "max_chosen": 1}, ["a", "b"], "högst 1"),
        ({"type": "person"}, {"personal_number": "199006022397", "given_name": "A"}, "efternamn"),
        (
            {"type": "person"},
            {"personal_number": "9006022397", "given_name": "A", "family_name": "B"},
            "fel form",
        ),
        ({"type": "person"}, {"name": "A"}, "fel form"),
        ({"type": "address"}, {"street": "A", "postal_code": "1", "city": "B"}, "fem siffror"),
        ({"type": "email"}, "a", "snabel-a"),
        ({"type": "phone"}, "0701740605", "fel form"),
        ({"type": "bank_account"}, {"clearing": "5001", "account": "1234567"}, "Kontonumret"),
        ({"type": "place"}, {"lat": "59.000000"}, "inte hel"),
        ({"type": "place"}, {"lat": "48.850000", "lon": "2.350000"}, "inte i Sverige"),
        ({"type": "place"}, {"lat": "59", "lon": "17"}, "inte i Sverige"),
        ({"type": "file"}, [{"id": "x"}], "går inte att läsa"),
        ({"type": "file", "max_files": 1}, [{}, {}], "högst 1 filer"),
        (GROUP, [{}] * 4, "högst 3"),
        (GROUP, "x", "fel form"),
    ],
)
def test_answers_out_of_form_or_bounds_are_refused(field: dict[str, Any], wire: Any, words: str) -> None:
    declared: Any = service([{"id": "f", **field, "id": "f"}]).steps[0].fields[0]  # noqa: F601
    assert words in " ".join(check(declared, wire).values())


def test_a_large_file_is_refused_by_name() -> None:
    declared: Any = service([{"id": "f", "type": "file", "max_mb": 1}]).steps[0].fields[0]
    wire = [{"id": "x", "name": "stor.pdf", "size": 2_000_000, "mime": "application/pdf", "sha256": "0" * 64}]
    assert "stor.pdf" in check(declared, wire)[""]


def test_months_outside_the_window_are_told_which_to_choose() -> None:
    fields = [
        {
            "id": "m",
            "type": "month",
            "earliest": "month_start(context.today)",
            "latest": "add_months(context.today, 1)",
        }
    ]
    assert checked(fields, {"m": "2026-12"}).good
    assert checked(fields, {"m": "2026-10"}).errors == {"m": "Välj tidigast 2026-11."}
    assert checked(fields, {"m": "2027-02"}).errors == {"m": "Välj senast 2026-12."}


def test_oversize_answers_are_refused_as_a_whole() -> None:
    assert "för långa" in checked([{"id": "a", "type": "long_text"}], {"a": "x" * 1_000_001}).errors[""]


@pytest.mark.parametrize("wire", [[], {}, "x", 5, None, True, {"a": 1}, [[]], [None], "\ud800", "9" * 400])
@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "long_text",
        "number",
        "amount",
        "date",
        "month",
        "yes_no",
        "person",
        "address",
        "email",
        "phone",
        "bank_account",
        "file",
        "place",
    ],
)
def test_nothing_that_is_sent_makes_it_fall(kind: str, wire: Any) -> None:
    result = checked([{"id": "f", "type": kind, "required": True}], {"f": wire})
    assert result.good or all(isinstance(one, str) and one for one in result.errors.values())


@given(st.decimals("0", "9999999", places=2))
def test_an_amount_as_shown_is_read_as_the_same_amount(amount: Decimal) -> None:
    assert parse_text("amount", format_kr(amount)) == f"{amount:.2f}"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_as_kept_is_read_as_the_same_date(day: date) -> None:
    assert parse_text("date", day.isoformat()) == day.isoformat()


@given(st.text(max_size=200))
def test_a_text_read_once_is_read_the_same_again(typed: str) -> None:
    try:
        wire = parse_text("long_text", typed)
    except SambrukError:
        return
    if wire is not None:
        assert parse_text("long_text", wire) == wire
        declared: Any = service([{"id": "f", "type": "long_text"}]).steps[0].fields[0]
        assert check(declared, wire) == {}
