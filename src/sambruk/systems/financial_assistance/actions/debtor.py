"""The municipality as payer: name, organisation number and the account that payments are made from."""

from __future__ import annotations

import re

from django.db import transaction
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from sambruk.common.actor import Actor
from sambruk.common.errors import Invalid
from sambruk.common.personal_number import parse_orgnr
from sambruk.common.text import single_line
from sambruk.platform.audit import actions as audit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy import actions as tenancy
from sambruk.platform.tenancy.context import current_tenant_id
from sambruk.platform.tenancy.models import Principal

#: ISO 9362: bank, country, place, and a branch or nothing.
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_NAME_MAX = 70


@transaction.atomic
def set_debtor(*, by: Actor, name: str, org_number: str, iban: str, bic: str) -> None:
    """Set who pays. Permission: admin.principal. Empty name and number mean the principal's own.

    Payment files made from now on name it; those that are made stay. Raises Invalid by field.
    """
    by.require(Permission.ADMIN_PRINCIPAL)
    faults: dict[str, str] = {}
    account = iban.replace(" ", "").upper()
    bank = bic.strip().upper()
    try:
        account = iban_numbers.validate(account)
    except ValidationError:
        faults["iban"] = "Kontrollera kontonumret. Ett svenskt IBAN har SE och 22 siffror."
    if not _BIC.fullmatch(bank):
        faults["bic"] = "Skriv bankens BIC, 8 eller 11 tecken, till exempel SWEDSESS."
    number = org_number.strip()
    if number:
        try:
            number = parse_orgnr(number).display
        except Invalid as error:
            faults["org_number"] = error.message_sv
    if faults:
        raise Invalid(faults)
    given = {"name": single_line(name, _NAME_MAX), "org_number": number, "iban": account, "bic": bank}
    values = {key: value for key, value in given.items() if value}
    principal = Principal.objects.select_for_update().get(pk=current_tenant_id())
    tenancy.change_principal(by=by, changes={"settings": {**principal.settings, "payments": values}})
    audit.record(event="principal.payments_set", by=by, obj=principal, fields=values)
