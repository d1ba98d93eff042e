"""An application by a mandate: receipt, letter and log name both who applies and who did it."""

from __future__ import annotations

from datetime import date

from tests.platform.forms import household
from tests.platform.forms.conftest import BO, actor, person
from tests.platform.forms.test_application import Browser, earlier_case, evidence

from sambruk.common.clock import now
from sambruk.platform.cases import letters
from sambruk.platform.cases.models import Case, Decision, LogEntry
from sambruk.platform.forms import actions, submission
from sambruk.platform.forms.models import Draft
from sambruk.platform.identity.models import Mandate, Person

BOTH = "Anna Ek, genom Gunnar Lund (ombud)"


def test_receipt_letter_and_log_name_both(offered: None, browser: Browser, anna: Person) -> None:
    earlier_case(anna)
    gunnar = person(BO, "Gunnar", "Lund")
    mandate = Mandate.objects.create(
        holder=gunnar, represented=anna, kind="ombud", scope=[household.SERVICE], valid_from=date(2020, 1, 1),
        source="Fullmakt", registered_by="Ada",
    )  # fmt: skip
    client = browser(gunnar)
    client.post("/fullmakt/", {"for": str(mandate.pk)})
    address = household.begin(client)
    household.fill(client, address, partner=False)
    client.post(f"{address}granska/")
    draft = Draft.objects.get()
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, gunnar), by=actor(gunnar))
    case: Case = submission.submit(draft.pk, by=actor(gunnar))
    assert BOTH in client.get(f"/kvitto/{case.pk}/").content.decode()
    decision = Decision(
        case=case, kind="dismiss", title="Avvisning", motivation="Du bor i en annan kommun.", decided_at=now()
    )
    assert BOTH in letters.compose(case, decision).html()
    sent = client.post(f"/mina-sidor/arenden/{case.pk}/meddelanden/", {"text": "Hej"})
    assert sent.status_code == 302
    written = list(LogEntry.objects.filter(case=case, by_kind="resident").values_list("by_name", flat=True))
    assert "Gunnar Lund för Anna Ek" in written
