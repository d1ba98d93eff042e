"""Golden tests on every norm table of the sources, and on how the tables are chosen and checked."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

import pytest

from sambruk.common.month import Month
from sambruk.systems.financial_assistance.calculation.data_files import read_data
from sambruk.systems.financial_assistance.calculation.errors import DataFault, MissingFigure, NoNormTable
from sambruk.systems.financial_assistance.calculation.marks import Mark, weakest
from sambruk.systems.financial_assistance.calculation.norms import (
    BANDS,
    LUNCH_BANDS,
    band_label,
    band_of,
    norm_tables,
    parse_tables,
    table_for,
)

# Copied by hand from the sources, not from the data files: child 0, 1-2, 3, 4-6, 7-10, 11-14, 15-18, 19-20;
# single; couple; common 1-7.
GOLDEN = {
    2006: "1540 1740 1430 1740 1950 2230 2510 2600 | 2600 | 4690 | 820 920 1140 1320 1510 1710 1880",
    2007: "1560 1770 1450 1770 1980 2270 2550 2640 | 2640 | 4770 | 830 930 1160 1340 1530 1740 1910",
    2008: "1590 1810 1480 1810 2020 2320 2610 2700 | 2700 | 4870 | 850 950 1190 1370 1560 1780 1950",
    2009: "1650 1880 1540 1880 2100 2410 2710 2740 | 2800 | 5060 | 880 990 1240 1420 1620 1850 2020",
    2010: "1650 1880 1540 1880 2100 2410 2710 2740 | 2800 | 5060 | 880 990 1240 1420 1620 1850 2020",
    2011: "1670 1900 1560 1900 2130 2440 2740 2770 | 2830 | 5120 | 890 1000 1260 1440 1640 1870 2040",
    2012: "1720 1960 1710 1960 2390 2810 3220 3250 | 2920 | 5270 | 920 1030 1300 1480 1690 1930 2100",
    2013: "1740 1980 1730 1980 2410 2840 3250 3280 | 2950 | 5320 | 930 1040 1310 1490 1710 1950 2120",
    2014: "1740 1980 1730 1980 2410 2840 3250 3280 | 2950 | 5320 | 930 1040 1310 1490 1710 1950 2120",
    2015: "1740 1980 1730 1980 2410 2840 3250 3280 | 2950 | 5320 | 930 1040 1310 1490 1710 1950 2120",
    2016: "1840 2080 1830 2080 2660 3090 3500 3530 | 2950 | 5320 | 940 1050 1320 1500 1720 1960 2130",
    2017: "1860 2100 1850 2100 2690 3120 3540 3570 | 2980 | 5370 | 950 1060 1330 1520 1740 1980 2150",
    2018: "2090 2330 2080 2330 2930 3370 3800 3830 | 3030 | 5460 | 970 1080 1350 1540 1770 2010 2180",
    2019: "2130 2380 2120 2380 2990 3440 3880 3910 | 3090 | 5570 | 990 1100 1380 1570 1810 2050 2220",
    2020: "2170 2430 2160 2430 3050 3510 3950 3980 | 3150 | 5680 | 1010 1120 1410 1600 1850 2090 2260",
    2021: "2180 2440 2170 2440 3060 3520 3970 4000 | 3160 | 5700 | 1020 1130 1420 1610 1860 2100 2270",
    2022: "2220 2480 2210 2480 3110 3580 4040 4070 | 3210 | 5800 | 1040 1150 1450 1640 1890 2140 2310",
    2023: "2420 2700 2410 2700 3380 3890 4390 4430 | 3490 | 6300 | 1130 1250 1580 1790 2060 2330 2510",
    2024: "2640 2940 2620 2940 3680 4230 4780 4820 | 3800 | 6850 | 1230 1360 1720 1950 2240 2540 2730",
    2025: "2720 3030 2700 3030 3790 4350 4920 4960 | 3910 | 7050 | 1270 1400 1770 2010 2310 2620 2810",
    2026: "2740 3050 2720 3050 3820 4380 4950 4990 | 3940 | 7100 | 1280 1410 1780 2020 2330 2640 2830",
}
WITHOUT_LUNCH = {
    2014: (1610, 1800, 1550, 1730),
    2015: (1610, 1800, 1550, 1730),
    2019: (2000, 2190, 1940, 2120),
}
MARKS = {
    2014: Mark.OFFICIAL,
    2015: Mark.OFFICIAL,
    2019: Mark.OFFICIAL,
    2023: Mark.OFFICIAL,
    2026: Mark.ESTIMATE,
}


@pytest.mark.parametrize("year", GOLDEN)
@pytest.mark.parametrize("month", [1, 7, 12])
def test_table_is_as_published(year: int, month: int) -> None:
    children, single, couple, common = (part.split() for part in GOLDEN[year].split("|"))
    table = table_for(Month(year, month))
    assert [table.child(band).amount for band in BANDS] == [Decimal(text) for text in children]
    assert [table.adult_single().amount] == [Decimal(text) for text in single]
    assert [table.adult_couple().amount] == [Decimal(text) for text in couple]
    assert [table.common_for(n).amount for n in range(1, 8)] == [Decimal(text) for text in common]
    assert table.child("7-10").mark is MARKS.get(year, Mark.THIRD_PARTY)
    assert table.source
    assert str(year) in table.label or year in (2010, 2015)


@pytest.mark.parametrize("year", WITHOUT_LUNCH)
def test_amounts_without_lunch_are_as_published(year: int) -> None:
    table = table_for(Month(year, 5))
    got = tuple(table.child(band, lunch_away=True).amount for band in LUNCH_BANDS)
    assert got == tuple(Decimal(amount) for amount in WITHOUT_LUNCH[year])
    assert table.child("7-10", lunch_away=True) == table.child("7-10")


@pytest.mark.parametrize("year", sorted(set(GOLDEN) - set(WITHOUT_LUNCH)))
@pytest.mark.parametrize("band", LUNCH_BANDS)
def test_unknown_amount_without_lunch_is_named_never_guessed(year: int, band: str) -> None:
    with pytest.raises(MissingFigure, match="saknas") as caught:
        table_for(Month(year, 5)).child(band, lunch_away=True)  # type: ignore[arg-type]
    assert caught.value.figure.endswith(f":child_without_lunch.{band}")


@pytest.mark.parametrize(("year", "step"), [(2014, 170), (2019, 170), (2023, 180)])
def test_more_than_seven_add_the_step(year: int, step: int) -> None:
    table = table_for(Month(year, 1))
    assert table.common_for(8).amount == table.common_for(7).amount + step
    assert table.common_for(11).amount == table.common_for(7).amount + 4 * step
    assert str(step) in table.common_for(8).note


def test_2026_adds_up_to_the_official_totals() -> None:
    table = table_for(Month(2026, 1))
    assert table.totals is not None
    assert table.totals.mark is Mark.OFFICIAL
    assert table.adult_single().amount + table.common_for(1).amount == table.totals.single == 5220
    assert table.adult_couple().amount + table.common_for(2).amount == table.totals.couple == 8510
    for figure in (table.adult_single(), table.adult_couple(), table.common_for(1), table.common_for(2)):
        assert figure.mark is Mark.THIRD_PARTY
        assert "officiell" in figure.note
    assert table.child("11-14").mark is table.common_for(3).mark is Mark.ESTIMATE
    assert "4 390" in table.child("11-14").note


def test_doubtful_figures_keep_their_note() -> None:
    assert "7 500" in table_for(Month(2025, 1)).adult_couple().note
    assert table_for(Month(2025, 1)).adult_couple().mark is Mark.ESTIMATE
    assert "1 150" in table_for(Month(2023, 1)).common_for(2).note
    assert table_for(Month(2023, 1)).common_for(2).mark is Mark.THIRD_PARTY


@pytest.mark.parametrize("month", [Month(2005, 12), Month(2027, 1)])
def test_month_without_table_is_an_error_that_names_it(month: Month) -> None:
    with pytest.raises(NoNormTable, match=str(month)) as caught:
        table_for(month)
    assert caught.value.month == month
    assert "2006-01" in str(caught.value)
    assert "2026-12" in str(caught.value)


def test_common_costs_between_whole_persons_are_linear() -> None:
    table = table_for(Month(2019, 1))
    assert table.common_at(Decimal("2.5")).amount == Decimal(1240)
    assert table.common_at(Decimal(2)).amount == Decimal(1100)
    assert table.common_at(Decimal("0.5")).amount == Decimal(495)
    assert table.common_at(Decimal("1.5")).mark is Mark.OFFICIAL
    assert table_for(Month(2026, 1)).common_at(Decimal("2.5")).mark is Mark.ESTIMATE  # 3 persons: estimate
    assert table.common_for(0).amount == 0
    with pytest.raises(ValueError, match="negative"):
        table.common_for(-1)


def test_age_bands_cover_every_age_once() -> None:
    assert [band_of(age) for age in (0, 1, 2, 3, 4, 6, 7, 10, 11, 14, 15, 18, 19, 20)] == [
        *(
            "0",
            "1-2",
            "1-2",
            "3",
            "4-6",
            "4-6",
            "7-10",
            "7-10",
            "11-14",
            "11-14",
            "15-18",
            "15-18",
            "19-20",
            "19-20",
        )
    ]
    assert band_label("11-14") == "11–14 år"
    for age in (-1, 21):
        with pytest.raises(ValueError, match="no age band"):
            band_of(age)


def test_weakest_mark_wins() -> None:
    assert weakest(Mark.OFFICIAL, Mark.UNVERIFIED, Mark.THIRD_PARTY) is Mark.UNVERIFIED
    assert {mark.label for mark in Mark} >= {"officiell", "tredje part", "uppskattning", "ej kontrollerad"}


def _damaged(change: str) -> dict[str, object]:
    content = deepcopy(dict(read_data("norms.yaml")))
    rows = content["tables"]
    if change == "gap":
        del rows[5]
    elif change == "overlap":
        rows[3]["valid_to"] = "2011-02"
    elif change == "band":
        del rows[0]["children"]["3"]
    elif change == "common":
        rows[0]["common"] = rows[0]["common"][::-1]
    elif change == "lunch":
        rows[0]["without_lunch"] = {"7-10": 1}
    elif change == "empty":
        content["tables"] = []
    elif change == "reversed":
        content["tables"] = [{**rows[0], "valid_to": "2005-01"}]
    else:
        del content["tables"]
    return content


@pytest.mark.parametrize("change", ["gap", "overlap", "band", "common", "lunch", "empty", "reversed", "none"])
def test_damaged_tables_are_refused(change: str) -> None:
    with pytest.raises(DataFault):
        parse_tables(_damaged(change))


def test_tables_follow_one_another() -> None:
    assert len(norm_tables()) == 19
