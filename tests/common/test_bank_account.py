import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from sambruk.common import bank_account as b
from sambruk.common.bank_account import BankAccountError, parse_account, parse_bankgiro, parse_plusgiro


def with_check(clearing: str, body: str, check) -> str:
    """The account number with the check digit that its rule asks for, or "" where there is none."""
    return next((body + digit for digit in "0123456789" if check(clearing, body + digit)), "")


def test_ranges_are_ordered_and_do_not_overlap():
    rows = b.clearing_ranges()
    assert len(rows) > 50
    for row, following in itertools.pairwise(rows):
        assert row.first <= row.last < following.first
    assert {row.check for row in rows} == set(b._RULES)
    assert {row.mark for row in rows} <= {"official", "third_party", "unverified"}


# Handelsbanken 6789-123456789 and Swedbank 8327-9 are the banks' own examples of how to write an account.
@pytest.mark.parametrize(
    ("clearing", "account", "bank", "stored"),
    [
        ("6789", "123 456 789", "Handelsbanken", "6789123456789"),
        ("6789", "6789-123456789", "Handelsbanken", "6789123456789"),
        ("3300", "900602-2397", "Nordea personkonto", "33009006022397"),
        ("3300", "19900602-2397", "Nordea personkonto", "33009006022397"),
        ("9960", "90 19 50-6", "Nordea Plusgirot", "99609019506"),
    ],
)
def test_known_accounts(clearing, account, bank, stored):
    made = parse_account(clearing, account)
    assert (made.bank, made.bban) == (bank, stored)
    assert made.verified
    assert not made.check_failed


@pytest.mark.parametrize(
    ("clearing", "account"),
    [
        (
            "5000",
            "1234560",
        ),  # 1*7 + 2*6 + 3*5 + 4*4 + 5*3 + 6*2 = 77: the 5 of the clearing number is left out
        ("4000", "1234567"),  # 77 + 7*1 + 4*1 = 88: all four digits count
    ],
)
def test_which_digits_of_the_clearing_number_count(clearing, account):
    assert parse_account(clearing, account).account == account
    with pytest.raises(BankAccountError):
        parse_account({"5000": "4000", "4000": "5000"}[clearing], account)


@pytest.mark.parametrize("clearing", ["8327", "8327-9", "83279"])
def test_swedbank_five_digits(clearing):
    account = with_check("8327", "12345678", lambda _, digits: luhn.is_valid(digits))
    made = parse_account(clearing, account)
    assert made.clearing == "8327"
    assert made.account == account.zfill(10)
    assert not made.check_failed


def test_swedbank_account_with_a_wrong_check_digit_is_marked_not_refused():
    account = with_check("8327", "12345678", lambda _, digits: not luhn.is_valid(digits))
    assert parse_account("8327-9", account).check_failed


@given(st.sampled_from(b.clearing_ranges()), st.data())
def test_every_bank_accepts_a_right_number_and_refuses_a_wrong_one(row, data):
    clearing = str(data.draw(st.integers(row.first, row.last)))
    rule = b._RULES[row.check]
    body = str(data.draw(st.integers(1, 10 ** (rule.longest - 1) - 1))).zfill(rule.shortest - 1)
    padded = body.zfill(rule.width - 1 if rule.width else len(body))
    account = with_check(clearing, padded, rule.check)
    if not account:  # modulus 11 leaves some bodies without a check digit
        return
    made = parse_account(clearing, account)
    assert made.bank == row.bank
    assert made.verified == (row.mark != "unverified")
    assert made.display == f"{clearing}-{account}"
    wrong = account[:-1] + str((int(account[-1]) + 1) % 10)
    if row.check == "swedbank":
        assert parse_account(clearing, wrong).check_failed
    else:
        with pytest.raises(BankAccountError) as caught:
            parse_account(clearing, wrong)
        assert "account" in caught.value.field_errors


@pytest.mark.parametrize(
    ("clearing", "account", "field", "part"),
    [
        ("", "1", "clearing", "fyra siffror"),
        ("60", "1", "clearing", "fyra siffror"),
        ("60000", "123456789", "clearing", "ska ha fyra"),
        ("83278", "123456789", "clearing", "femte siffran"),
        ("0100", "1234567", "clearing", "känner inte till"),
        ("9999", "1234567", "clearing", "känner inte till"),
        ("6789", "", "account", "med siffror"),
        ("6789", "12345678a", "account", "med siffror"),
        ("6789", "١٢٣٤٥٦٧٨٩", "account", "med siffror"),
        ("6789", "123456", "account", "7–9 siffror"),
        ("6789", "000000000", "account", "stämmer inte"),
        ("5000", "123456", "account", "har 7 siffror"),
        ("5000", "123456789012", "account", "har 7 siffror"),
        ("6789", "123456780", "account", "stämmer inte"),
    ],
)
def test_refused_at_the_field(clearing, account, field, part):
    with pytest.raises(BankAccountError, match=part) as caught:
        parse_account(clearing, account)
    assert list(caught.value.field_errors) == [field]


@given(st.text(max_size=8), st.text(max_size=15))
def test_any_text_gives_an_account_or_a_sentence(clearing, account):
    try:
        parse_account(clearing, account)
    except BankAccountError as error:
        assert error.field_errors


def test_shown_masked():
    made = parse_account("6789", "123456789")
    assert made.masked == str(made) == "Handelsbanken 6789-*******89"
    assert "123456" not in repr(made)


def test_ranges_count_on_their_day(monkeypatch):
    row = b.ClearingRange(
        9990, 9999, "Provbanken", "ten_10", "unverified", date(2027, 1, 1), date(2027, 12, 31)
    )
    monkeypatch.setattr(b, "clearing_ranges", lambda: (row,))
    assert b.find_range("9995", date(2027, 6, 1)) is row
    assert b.find_range("9995", date(2026, 12, 31)) is None
    assert b.find_range("9995", date(2028, 1, 1)) is None


@pytest.mark.parametrize(
    ("text", "shown"), [("160-9908", "160-9908"), ("50501055", "5050-1055"), ("5050 1055", "5050-1055")]
)
def test_bankgiro(text, shown):
    assert parse_bankgiro(text) == shown


@pytest.mark.parametrize("text", ["160-9907", "", "609908", "0160-9908", "a"])
def test_not_a_bankgiro(text):
    with pytest.raises(BankAccountError, match="Bankgironumret"):
        parse_bankgiro(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("901950-6", "90 19 50-6"), ("90 19 506", "90 19 50-6"), ("18", "1-8"), ("4002-2", "40 02-2")],
)
def test_plusgiro(text, shown):
    assert parse_plusgiro(text) == shown


@pytest.mark.parametrize("text", ["901950-5", "", "8", "123456789", "x"])
def test_not_a_plusgiro(text):
    with pytest.raises(BankAccountError, match="Plusgironumret"):
        parse_plusgiro(text)
