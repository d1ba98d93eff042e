from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from sambruk.common.personal_number import PersonalNumberError, parse, parse_orgnr

TODAY = date(2026, 11, 24)


def made(born: date, serial: int, coordination: bool = False) -> str:
    """A number with a right check digit, twelve digits."""
    day = born.day + (60 if coordination else 0)
    short = f"{born:%y%m}{day:02d}{serial:03d}"
    return f"{born.year // 100}{short}{luhn.calc_check_digit(short)}"


@pytest.mark.parametrize(
    "text",
    ["199006022397", "19900602-2397", "900602-2397", "9006022397", " 900602 2397 ", "900602\u20132397"],
)
def test_the_ways_to_write_one(text):
    number = parse(text, test_mode=True, today=TODAY)
    assert number.digits == "199006022397"
    assert number.birth_date == date(1990, 6, 2)
    assert number.is_test
    assert not number.is_coordination


@pytest.mark.parametrize("text", ["199006022397", "189001019802", made(date(1995, 5, 5), 238, True)])
def test_test_series_only_in_test_mode(text):
    parse(text, test_mode=True, today=TODAY)
    with pytest.raises(PersonalNumberError, match="testnummer"):
        parse(text, test_mode=False, today=TODAY)


def test_other_numbers_are_accepted_in_both_modes():
    number = made(date(1985, 3, 4), 123)
    assert parse(number, test_mode=False, today=TODAY) == parse(number, test_mode=True, today=TODAY)
    assert not parse(number, test_mode=False, today=TODAY).is_test
    parse(made(date(1985, 3, 4), 979), test_mode=False, today=TODAY)
    # 238 before 1990 and 980 after are outside the test series
    parse(made(date(1985, 3, 4), 238), test_mode=False, today=TODAY)
    parse(made(date(1995, 3, 4), 980), test_mode=False, today=TODAY)


def test_plus_means_a_hundred_years():
    twelve = made(date(1920, 1, 2), 123)
    assert parse(f"{twelve[2:8]}+{twelve[8:]}", test_mode=False, today=TODAY).digits == twelve
    younger = made(date(2020, 1, 2), 123)
    assert parse(f"{younger[2:8]}-{younger[8:]}", test_mode=False, today=TODAY).digits == younger


def test_the_year_one_turns_a_hundred_a_plus_is_needed():
    twelve = made(date(1926, 12, 30), 123)
    assert parse(f"{twelve[2:8]}+{twelve[8:]}", test_mode=False, today=TODAY).digits == twelve
    with pytest.raises(PersonalNumberError, match="tolv siffror"):
        parse(f"{twelve[2:8]}-{twelve[8:]}", test_mode=False, today=TODAY)


def test_coordination_number():
    number = parse(made(date(1980, 7, 24), 200, True), test_mode=False, today=TODAY)
    assert number.is_coordination
    assert number.birth_date == date(1980, 7, 24)


def test_shown_masked_everywhere_but_where_asked():
    number = parse("199006022397", test_mode=True, today=TODAY)
    assert number.masked == str(number) == f"{number}" == "19900602-****"
    assert "2397" not in repr(number)
    assert number.display == "19900602-2397"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "till exempel"),
        ("900602", "tolv siffror"),
        ("900602-239X", "tolv siffror"),
        ("T90602-2397", "tolv siffror"),
        ("９００６０２２３９７", "tolv siffror"),
        ("199013022397", "inte ett datum"),
        ("199002302397", "inte ett datum"),
        ("199000012397", "inte ett datum"),
        ("199006602397", "inte ett datum"),
        ("199006022398", "stämmer inte"),
        (made(date(1990, 6, 2), 0), "stämmer inte"),
        ("202706022397", "framtiden"),
        ("179006022397", "för långt tillbaka"),
    ],
)
def test_refused_with_a_sentence(text, part):
    with pytest.raises(PersonalNumberError, match=part) as caught:
        parse(text, test_mode=True, today=TODAY)
    assert not text or text not in str(caught.value)


@given(st.dates(date(1870, 1, 1), TODAY), st.integers(1, 999), st.booleans())
def test_every_well_made_number_is_read(born, serial, coordination):
    number = parse(made(born, serial, coordination), test_mode=True, today=TODAY)
    assert number.birth_date == born
    assert number.is_coordination == coordination
    assert parse(number.display, test_mode=True, today=TODAY) == number


@given(st.dates(date(1870, 1, 1), TODAY), st.integers(1, 999), st.integers(2, 11), st.integers(1, 9))
def test_one_wrong_digit_is_found(born, serial, place, more):
    text = made(born, serial)
    wrong = text[:place] + str((int(text[place]) + more) % 10) + text[place + 1 :]
    with pytest.raises(PersonalNumberError):
        parse(wrong, test_mode=True, today=TODAY)


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_sentence(text):
    try:
        number = parse(text, test_mode=True, today=TODAY)
    except PersonalNumberError as error:
        assert error.message_sv.endswith((".", "XXXX."))
    else:
        assume(number)
        assert len(number.digits) == 12


def test_age():
    number = parse(made(date(2008, 2, 29), 123), test_mode=False, today=TODAY)
    assert number.age_on(date(2026, 2, 28)) == 17
    assert number.age_on(date(2026, 3, 1)) == 18


@pytest.mark.parametrize("text", ["212000-0142", "2120000142", "162120000142", " 212000 0142"])
def test_organisation_number(text):
    number = parse_orgnr(text)
    assert number.digits == "2120000142"
    assert str(number) == "212000-0142"


@pytest.mark.parametrize(
    ("text", "part"), [("900602-2397", "tio siffror"), ("212000-0143", "stämmer inte"), ("", "tio siffror")]
)
def test_not_an_organisation_number(text, part):
    with pytest.raises(PersonalNumberError, match=part):
        parse_orgnr(text)
