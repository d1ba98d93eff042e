from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.money import MoneyError, format_kr, from_ore, ore, parse_kr, round_kronor, round_ore

AMOUNTS = st.integers(min_value=0, max_value=99_999_999_999).map(from_ore)


@pytest.mark.parametrize(
    ("text", "kronor"),
    [
        ("5400", "5400.00"),
        ("5 400", "5400.00"),
        ("5\u00a0400", "5400.00"),
        ("5\u202f400,5", "5400.50"),
        ("5400,50", "5400.50"),
        ("5400.50", "5400.50"),
        (" 5 400 kr ", "5400.00"),
        ("5 400 Kr.", "5400.00"),
        ("5 400:-", "5400.00"),
        ("5400:50", "5400.50"),
        ("249,75 kronor", "249.75"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("0012", "12.00"),
        ("1 234 567,89", "1234567.89"),
    ],
)
def test_what_people_write(text, kronor):
    value = parse_kr(text)
    assert str(value) == kronor


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "till exempel 5 400"),
        ("kr", "till exempel 5 400"),
        ("5.400", "utan punkt"),
        ("5,400", "utan punkt"),
        ("1.234.567,50", "utan punkt"),
        ("54 00", "med siffror"),
        ("fem", "med siffror"),
        ("5400,505", "med siffror"),
        ("5e3", "med siffror"),
        ("NaN", "med siffror"),
        ("٥٤٠٠", "med siffror"),
        ("1 2345", "med siffror"),
        ("-5", "mindre än noll"),
        ("\u2212300", "mindre än noll"),
        ("1000000000", "högst 999\u00a0999\u00a0999,99\u00a0kr"),
        ("9" * 5000, "för stort"),
    ],
)
def test_what_is_refused_and_why(text, part):
    with pytest.raises(MoneyError, match=part):
        parse_kr(text)


def test_bounds_are_inclusive_and_named():
    assert parse_kr("-300", minimum=Decimal(-300)) == -300
    with pytest.raises(MoneyError, match="minst \u2212300"):
        parse_kr("-301", minimum=Decimal(-300))
    assert parse_kr("10", maximum=Decimal(10)) == 10
    with pytest.raises(MoneyError, match="högst 10\u00a0kr"):
        parse_kr("10,01", maximum=Decimal(10))


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        ("5400", "auto", "5\u00a0400\u00a0kr"),
        ("249.75", "auto", "249,75\u00a0kr"),
        ("249.5", "auto", "249,50\u00a0kr"),
        ("5400", "always", "5\u00a0400,00\u00a0kr"),
        ("5400.50", "never", "5\u00a0401\u00a0kr"),
        ("-300", "auto", "\u2212300\u00a0kr"),
        ("-0.001", "auto", "0\u00a0kr"),
        ("1234567.891", "auto", "1\u00a0234\u00a0567,89\u00a0kr"),
    ],
)
def test_format(amount, decimals, text):
    assert format_kr(Decimal(amount), decimals) == text


@given(AMOUNTS)
def test_what_is_shown_can_be_read_back(amount):
    assert parse_kr(format_kr(amount)) == amount
    assert from_ore(ore(amount)) == amount


@given(st.text(max_size=40))
def test_any_text_gives_an_amount_or_a_sentence(text):
    try:
        value = parse_kr(text)
    except MoneyError as error:
        assert error.message_sv.endswith(".")
    else:
        assert value >= 0
        assert value.as_tuple().exponent == -2


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "0.001"])
def test_ore_is_exact_or_refused(bad):
    with pytest.raises(MoneyError):
        ore(Decimal(bad))


def test_too_large_amounts_are_refused_not_rounded():
    with pytest.raises(MoneyError):
        format_kr(Decimal("1e40"))
    with pytest.raises(MoneyError):
        from_ore(10**30)


@pytest.mark.parametrize(
    ("amount", "whole"),
    [("0.49", "0.00"), ("0.50", "1.00"), ("1.50", "2.00"), ("-0.50", "-1.00"), ("2.4999", "2.00")],
)
def test_fifty_ore_goes_up(amount, whole):
    assert str(round_kronor(Decimal(amount))) == whole


def test_round_ore():
    assert round_ore(Decimal("1.005")) == Decimal("1.01")
