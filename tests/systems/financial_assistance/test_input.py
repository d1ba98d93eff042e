"""What is refused as input, and the Swedish sentence that names the field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from tests.systems.financial_assistance.households import ADULT, child, compute, household

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation import data_files, law
from sambruk.systems.financial_assistance.calculation.errors import (
    CalculationError,
    DataFault,
    MissingFigure,
    ResultFault,
)
from sambruk.systems.financial_assistance.calculation.fields import MonthPeriod, SignedKronor
from sambruk.systems.financial_assistance.calculation.household import Household, HouseholdFile
from sambruk.systems.financial_assistance.calculation.result import Result
from sambruk.systems.financial_assistance.calculation.sentences import sentences
from sambruk.systems.financial_assistance.calculation.yaml_text import LARGEST, YamlFault, load_yaml


def faults(change: dict[str, Any]) -> dict[str, str]:
    """The sentences for a household with something wrong."""
    with pytest.raises(ValidationError) as caught:
        HouseholdFile.model_validate({"persons": [ADULT]} | change)
    return sentences(caught.value, HouseholdFile)


def rent(**more: Any) -> dict[str, Any]:
    return {"costs": [{"type": "hyra", **more}]}


@pytest.mark.parametrize(
    ("change", "place", "sentence"),
    [
        (rent(amount=-1), "costs[1].applied", "mindre än noll"),
        (rent(amount="-1"), "costs[1].applied", "mindre än noll"),
        (rent(amount=1_000_001), "costs[1].applied", "mellan 0\u00a0kr och 1\u00a0000\u00a0000\u00a0kr"),
        (rent(amount="1000001"), "costs[1].applied", "för stort"),
        (rent(amount=5400.5), "costs[1].applied", "med siffror"),
        (rent(amount=True), "costs[1].applied", "med siffror"),
        (rent(amount="mycket"), "costs[1].applied", "med siffror"),
        (rent(amount="5.400"), "costs[1].applied", "utan punkt"),
        (rent(amount=Decimal("1.005")), "costs[1].applied", "högst två decimaler"),
        (rent(amount=Decimal("NaN")), "costs[1].applied", "inte ett tal"),
        (rent(amount=1, applied=1), "costs[1]", "antingen amount"),
        (rent(ammount=1), "costs[1].ammount", "Menade du amount?"),
        (rent(zzzzzz=1), "costs[1].zzzzzz", "Ta bort det"),
        (rent(person="nobody"), "", "som inte finns i persons"),
        (rent(id="å ä"), "costs[1].id", "a–z"),
        (rent(label="x" * 501), "costs[1].label", "högst 500 tecken"),
        (rent(origin="robot"), "costs[1].origin", "Välj något av 'applicant', 'system' eller 'caseworker'"),
        ({"costs": [{"type": "raket"}]}, "costs[1]", "ingen kostnadstyp som heter 'raket'"),
        ({"costs": [{}]}, "costs[1].type", "Fältet saknas"),
        ({"costs": {"type": "hyra"}}, "costs", "Skriv en lista"),
        ({"costs": ["hyra"]}, "costs[1]", "Skriv fält med kolon"),
        ({"costs": [{"type": "hyra"}] * 301}, "costs", "högst 300"),
        ({"costs": [{"type": "hyra", "id": "x"}] * 2}, "", "Flera rader har samma id: x"),
        ({"incomes": [{"type": "tur"}]}, "incomes[1]", "ingen inkomsttyp"),
        ({"incomes": [{"type": "lon", "counted": False}]}, "incomes[1]", "varför inkomsten inte räknas"),
        ({"incomes": [{"type": "lon", "counted": "kanske"}]}, "incomes[1].counted", "true eller false"),
        ({"reductions": [{"type": "other", "amount": 1}]}, "reductions[1]", "skälet (reason)"),
        ({"persons": []}, "persons", "Listan är tom"),
        ({"persons": [child("c", 3)]}, "", "en eller två vuxna"),
        ({"persons": [{"id": n, "role": "adult"} for n in "abc"]}, "", "en eller två vuxna"),
        ({"persons": [ADULT, ADULT]}, "", "Flera personer har samma id: a"),
        ({"persons": [{**ADULT, "age": 40}]}, "persons[1].age", "högst 20"),
        ({"persons": [{**ADULT, "age": 20}]}, "persons[1]", "bara för barn"),
        ({"persons": [ADULT, child("c", -1)]}, "persons[2].age", "minst 0"),
        ({"persons": [ADULT, {**child("c", 1), "age": "3"}]}, "persons[2].age", "heltal"),
        ({"persons": [ADULT, {**child("c", 1), "days": 32}]}, "persons[2].days", "högst 31"),
        ({"persons": [ADULT, {"id": "c", "role": "child"}]}, "persons[2]", "en av dem"),
        ({"persons": [ADULT, child("c", 1, born=date(2018, 1, 1))]}, "persons[2]", "en av dem"),
        ({"persons": [ADULT, {"id": "c", "role": "child", "born": "igår"}]}, "persons[2].born", "2015-03-04"),
        ({"persons": [{**ADULT, "included": None}]}, "persons[1].included", "true eller false"),
        ({"persons": [{**ADULT, "name": b"\xff"}]}, "persons[1].name", "kan inte läsas"),
        ({"persons": [ADULT, child("c", 1, residence="visiting")]}, "persons[2]", "antal dagar"),
        ({"persons": [ADULT, child("c", 1, decided_norm=5)]}, "persons[2]", "decided_norm_reason"),
        (
            {"persons": [{**ADULT, "job_stimulus": {"start": "2026-13", "end": 5}}]},
            "persons[1].job_stimulus.start",
            "2026-11",
        ),
        (
            {"persons": [{**ADULT, "job_stimulus": {"start": "2026-13", "end": 5}}]},
            "persons[1].job_stimulus.end",
            "2026-11",
        ),
        ({"dwelling": {"lodger": True}}, "dwelling", "minst 2"),
        ({"dwelling": {"persons": 0}}, "dwelling.persons", "minst 1"),
        ({"settings": {"divisor": "28"}}, "settings.divisor", "'thirty' eller 'actual'"),
        ({"schema_version": 2}, "schema_version", "Välj något av 1"),
        ({"dwelling": {"persons": 10**30}}, "dwelling.persons", "högst 50"),
        (
            {"persons": [ADULT, {"id": "c", "role": "child", "born": 1e300}]},
            "persons[2].born",
            "2015-03-04",
        ),
    ],
)
def test_bad_input_names_the_field(change: dict[str, Any], place: str, sentence: str) -> None:
    found = faults(change)
    assert place in found, found
    assert sentence in found[place]


def test_amounts_may_be_written_as_people_do() -> None:
    given = household(
        costs=[{"type": "hyra", "amount": "5 400,50 kr"}, {"type": "el", "amount": Decimal("1.5")}]
    )
    assert [cost.effective for cost in given.costs] == [Decimal("5400.50"), Decimal("1.50")]


def test_household_json_both_ways_with_months_and_amounts_as_text() -> None:
    given = household(
        {**ADULT, "job_stimulus": {"start": "2026-01", "end": Month(2027, 12)}},
        costs=[{"type": "hyra", "amount": 1}],
    )
    text = given.model_dump_json()
    assert '"start":"2026-01"' in text
    assert '"applied":"1.00"' in text
    assert Household.model_validate_json(text) == given
    assert Month(2027, 12) in MonthPeriod(start=Month(2027, 1), end=Month(2027, 12))


def test_signed_amounts_have_bounds() -> None:
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Decimal] = TypeAdapter(SignedKronor)
    assert adapter.validate_python("-249.75") == Decimal("-249.75")
    with pytest.raises(ValidationError, match="mellan"):
        adapter.validate_python(-(10**12))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2\n", "två gånger på rad 2"),
        ("a: &x 1\nb: *x\n", "hänvisningar"),
        ("a: [1\n", "YAML på rad"),
        ("a: \x01\n", "inte är tillåtna"),
        ("x" * (LARGEST + 1), "för stor"),
        ("[" * 21 + "]" * 21, "djupt"),
        ("[" * 400_000, "djupt"),
        ("!!python/object:os.system x", "YAML på rad 1"),
    ],
)
def test_yaml_that_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(YamlFault, match=sentence):
        load_yaml(text)


def test_yaml_keeps_decimals_exact() -> None:
    assert load_yaml("a: 0.1\nb: 1_000.25\nc: 2015-03-04\nd: .inf\ne: no\n") == {
        "a": Decimal("0.1"),
        "b": Decimal("1000.25"),
        "c": date(2015, 3, 4),
        "d": ".inf",
        "e": "no",
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"3090.00"', '"3091.00"', 1),
        lambda text: text.replace('"outcome": "deficit"', '"outcome": "surplus"'),
        lambda text: text.replace('"outcome": "deficit"', '"outcome": "incomplete"'),
        lambda text: text.replace('"amount": "4080.00"', '"amount": "9080.00"'),
        lambda text: text[:-5],
    ],
)
def test_damaged_result_is_refused(change: Callable[[str], str]) -> None:
    text = compute("2019-06").to_json()
    assert Result.from_json(text).amount == 4080
    assert change(text) != text
    with pytest.raises(ResultFault, match="skadad"):
        Result.from_json(change(text))


def test_kinds_rates_and_citations() -> None:
    assert law.cost_kind("hyra").bucket == "expense"
    assert law.income_kind("lon").employment
    with pytest.raises(CalculationError, match="kostnadstyp"):
        law.cost_kind("raket")
    assert all(kind.counted or kind.reason for kind in law.income_kinds().values())
    assert law.citation("job_stimulus", Month(2013, 6)) is None
    assert sorted(law.price_base_amounts()) == list(range(2006, 2027))
    assert (law.price_base_amount(2020).amount, law.price_base_amount(2020).mark) == (47300, "third_party")
    with pytest.raises(MissingFigure, match="2031"):
        law.price_base_amount(2031)
    for subject in ("norm", "costs", "special_costs", "incomes"):
        for year in range(2006, 2027):
            assert law.citation(subject, Month(year, 1)) is not None  # type: ignore[arg-type]


def test_unreadable_data_is_a_named_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataFault, match=r"finns_inte\.yaml"):
        data_files.read_data("finns_inte.yaml")
    monkeypatch.setattr(data_files, "_text", lambda name: "[1, 2]")
    with pytest.raises(DataFault, match="väntas"):
        data_files.read_data("lista.yaml")


def test_data_version_changes_with_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    before = data_files.data_version.__wrapped__()
    assert before == data_files.data_version()
    real = data_files._text
    monkeypatch.setattr(data_files, "_text", lambda name: real(name) + " ")
    assert data_files.data_version.__wrapped__() != before
