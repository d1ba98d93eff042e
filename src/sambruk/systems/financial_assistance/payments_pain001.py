"""Writes payment orders as an ISO 20022 credit transfer file, ``pain.001.001.09``. Pure: bytes come out.

How Swedish accounts are addressed differs between banks; each bank's implementation guide decides, so those
choices stand in `Profile`. Its defaults are unverified against any bank's guide: bankgiro as proprietary
scheme BGNR with clearing member 9900 (SESBA), plusgiro as BBAN with member 9500, the organisation number as
COID. Source of SSBE (social security benefit): ISO 20022 external category purpose; Swedish Common
Interpretation of ISO 20022 Payment Messages, appendix 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pyiso20022.pain import pain_001_001_09 as iso  # type: ignore[import-untyped]
from stdnum import iban as iban_number
from stdnum.se import orgnr
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from sambruk.common.bank_account import parse_account, parse_bankgiro, parse_plusgiro
from sambruk.common.calendar import is_bank_day
from sambruk.common.errors import Invalid
from sambruk.systems.financial_assistance.payments_input import (
    LARGEST_ORDER,
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_REFERENCE,
    CreditorAccount,
    Debtor,
    Order,
    PaymentFault,
    PaymentFileContent,
    Profile,
    clean_text,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_ID = re.compile(r"[A-Za-z0-9+?:().,'-]+(?:[/ ][A-Za-z0-9+?:().,'-]+)*")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def build_file(
    *,
    message_id: str,
    debtor: Debtor,
    orders: Sequence[Order],
    execution_on: date,
    created_at: datetime,
    profile: Profile | None = None,
) -> PaymentFileContent:
    """Return the payment file. Raises PaymentFault with the field and a Swedish sentence.

    `message_id` (at most 35 characters) is the same whenever the same file is sent again, so that the bank
    refuses a double. `execution_on` must be a bank day, not before the day of `created_at` (aware) here.
    Transfers to accounts and to giro numbers stand in blocks of their own.
    """
    chosen = profile or Profile()
    _check_id("message_id", message_id, None)
    if created_at.tzinfo is None:
        raise ValueError("created_at must be aware")
    local = created_at.astimezone(_STOCKHOLM)
    if not orders:
        raise PaymentFault("orders", "Det finns inga utbetalningar att skriva.")
    if not is_bank_day(execution_on) or execution_on < local.date():
        raise PaymentFault("execution_on", f"{execution_on} är ingen bankdag, eller har redan varit.")
    party = _debtor(debtor, chosen)
    _check_unique(orders)
    total = sum((_checked_amount(order, place) for place, order in enumerate(orders, 1)), Decimal("0.00"))
    numbered = list(enumerate(orders, 1))
    giro = [pair for pair in numbered if pair[1].account.kind in ("bankgiro", "plusgiro")]
    plain = [pair for pair in numbered if pair not in giro]
    blocks = [
        _block(
            f"{message_id[: LONGEST_ID - 2]}-{letter}", pairs, purpose, debtor, party, execution_on, chosen
        )
        for letter, pairs, purpose in (
            ("A", plain, chosen.category_purpose),
            ("G", giro, chosen.giro_category_purpose),
        )
        if pairs
    ]
    header = iso.GroupHeader85(
        msg_id=message_id,
        cre_dt_tm=XmlDateTime(local.year, local.month, local.day, local.hour, local.minute, local.second),
        nb_of_txs=str(len(orders)),
        ctrl_sum=total,
        initg_pty=party,
    )
    document = iso.Document(
        cstmr_cdt_trf_initn=iso.CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=blocks)
    )
    return PaymentFileContent(message_id=message_id, xml=_serialise(document), total=total, count=len(orders))


def _serialise(document: Any) -> bytes:
    serializer = XmlSerializer(config=SerializerConfig(encoding="UTF-8", xml_declaration=True))
    return serializer.render(document, ns_map={None: NAMESPACE}).encode("utf-8")


def _check_id(field_name: str, value: str, order: int | None) -> None:
    if len(value) > LONGEST_ID or not _ID.fullmatch(value):
        raise PaymentFault(
            field_name,
            f"Referensen ska ha 1–{LONGEST_ID} tecken: a–z, siffror, mellanslag och / - ? : ( ) . , ' +.",
            order,
        )


def _check_unique(orders: Sequence[Order]) -> None:
    seen: set[str] = set()
    for place, order in enumerate(orders, 1):
        _check_id("end_to_end_id", order.end_to_end_id, place)
        if order.end_to_end_id in seen:
            raise PaymentFault(
                "end_to_end_id", f"Två utbetalningar har referensen {order.end_to_end_id}.", place
            )
        seen.add(order.end_to_end_id)


def _checked_amount(order: Order, place: int) -> Decimal:
    amount = order.amount
    if (
        not amount.is_finite()
        or not 0 < amount <= LARGEST_ORDER
        or amount != amount.quantize(Decimal("0.01"))
    ):
        raise PaymentFault(
            "amount", "Beloppet ska vara mer än 0 kr, i hela ören och under 10 miljoner.", place
        )
    return amount.quantize(Decimal("0.01"))


def _name(text: str, field_name: str, order: int | None) -> str:
    cleaned = clean_text(text, LONGEST_NAME)
    if not any(char.isalnum() for char in cleaned):
        raise PaymentFault(
            field_name, "Namnet saknar bokstäver som banken kan läsa. Skriv det med a–ö.", order
        )
    return cleaned


def _iban(text: str, field_name: str, order: int | None) -> str:
    compact = re.sub(r"\s", "", text).upper()
    if not iban_number.is_valid(compact):
        raise PaymentFault(field_name, "IBAN-numret stämmer inte. Kontrollera det.", order)
    return compact


def _debtor(debtor: Debtor, profile: Profile) -> Any:
    if not orgnr.is_valid(debtor.organisation_number):
        raise PaymentFault("debtor.organisation_number", "Organisationsnumret stämmer inte.")
    if not _BIC.fullmatch(debtor.bic):
        raise PaymentFault("debtor.bic", "Bankens BIC stämmer inte: åtta eller elva tecken.")
    scheme = iso.OrganisationIdentificationSchemeName1Choice(cd=profile.debtor_scheme)
    number = iso.GenericOrganisationIdentification1(
        id=orgnr.compact(debtor.organisation_number), schme_nm=scheme
    )
    return iso.PartyIdentification135(
        nm=_name(debtor.name, "debtor.name", None),
        id=iso.Party38Choice(org_id=iso.OrganisationIdentification29(othr=[number])),
    )


def _block(
    block_id: str,
    orders: Sequence[tuple[int, Order]],
    purpose: str,
    debtor: Debtor,
    party: Any,
    execution_on: date,
    profile: Profile,
) -> Any:
    account = iso.AccountIdentification4Choice(iban=_iban(debtor.iban, "debtor.iban", None))
    bank = iso.FinancialInstitutionIdentification18(bicfi=debtor.bic)
    return iso.PaymentInstruction30(
        pmt_inf_id=block_id,
        pmt_mtd=iso.PaymentMethod3Code.TRF,
        btch_bookg=True,
        nb_of_txs=str(len(orders)),
        ctrl_sum=sum((_checked_amount(order, place) for place, order in orders), Decimal("0.00")),
        pmt_tp_inf=iso.PaymentTypeInformation26(
            svc_lvl=[iso.ServiceLevel8Choice(cd=profile.service_level)],
            ctgy_purp=iso.CategoryPurpose1Choice(cd=purpose),
        ),
        reqd_exctn_dt=iso.DateAndDateTime2Choice(
            dt=XmlDate(execution_on.year, execution_on.month, execution_on.day)
        ),
        dbtr=party,
        dbtr_acct=iso.CashAccount38(id=account, ccy="SEK"),
        dbtr_agt=iso.BranchAndFinancialInstitutionIdentification6(fin_instn_id=bank),
        chrg_br=iso.ChargeBearerType1Code.SLEV,
        cdt_trf_tx_inf=[_transfer(order, place, profile) for place, order in orders],
    )


def _transfer(order: Order, place: int, profile: Profile) -> Any:
    account, member = _account(order.account, place, profile)
    reference = clean_text(order.reference, LONGEST_REFERENCE)
    amount = iso.ActiveOrHistoricCurrencyAndAmount(value=_checked_amount(order, place), ccy="SEK")
    return iso.CreditTransferTransaction34(
        pmt_id=iso.PaymentIdentification6(end_to_end_id=order.end_to_end_id),
        amt=iso.AmountType4Choice(instd_amt=amount),
        cdtr_agt=_member_bank(member) if member else None,
        cdtr=iso.PartyIdentification135(nm=_name(order.name, "name", place)),
        cdtr_acct=iso.CashAccount38(id=account),
        rmt_inf=iso.RemittanceInformation16(ustrd=[reference]) if reference else None,
    )


def _member_bank(member: str) -> Any:
    system = iso.ClearingSystemIdentification2Choice(cd="SESBA")
    clearing = iso.ClearingSystemMemberIdentification2(clr_sys_id=system, mmb_id=member)
    return iso.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=iso.FinancialInstitutionIdentification18(clr_sys_mmb_id=clearing)
    )


def _account(account: CreditorAccount, place: int, profile: Profile) -> tuple[Any, str]:
    """Return the account's identification, and the clearing member that carries it (none for IBAN)."""
    if account.kind == "iban":
        return iso.AccountIdentification4Choice(iban=_iban(account.number, "account", place)), ""
    try:
        if account.kind == "bban":
            checked = parse_account(account.clearing, account.number)
            return _other(checked.bban, iso.AccountSchemeName1Choice(cd="BBAN")), checked.clearing
        if account.kind == "bankgiro":
            # Unverified: scheme BGNR and member 9900; some banks want the BIC BGABSESS instead.
            number = parse_bankgiro(account.number).replace("-", "")
            return _other(
                number, iso.AccountSchemeName1Choice(prtry=profile.bankgiro_scheme)
            ), profile.bankgiro_member
        # Unverified: member 9500 or 9960, as the bank's guide says.
        number = re.sub(r"\D", "", parse_plusgiro(account.number))
        return _other(number, iso.AccountSchemeName1Choice(cd="BBAN")), profile.plusgiro_member
    except Invalid as error:
        raise PaymentFault("account", error.message_sv, place) from error


def _other(number: str, scheme: Any) -> Any:
    return iso.AccountIdentification4Choice(
        othr=iso.GenericAccountIdentification1(id=number, schme_nm=scheme)
    )
