"""An application by two: filled in, signed by each with their own e-ID, sent once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from tests.platform.forms import household
from tests.platform.forms.conftest import CAT, actor, log_in, long_ago, person, provider

from sambruk.common.clock import now
from sambruk.common.content_hash import sha256_hex
from sambruk.common.errors import NotAllowed
from sambruk.common.ids import uuid7
from sambruk.platform.cases.models import Application, Case, CaseDocument, Party, SignatureRecord
from sambruk.platform.definitions import effective as definitions
from sambruk.platform.forms import actions, jobs, submission
from sambruk.platform.forms.models import Draft, DraftFile, DraftSigner
from sambruk.platform.identity.models import Membership, Person, StaffMember, Unit
from sambruk.platform.identity.signing import SignatureEvidence

pytestmark = pytest.mark.usefixtures("offered")
Browser = Callable[..., Client]


def earlier_case(person: Person) -> Case:
    """The case that a monthly application follows."""
    effective = definitions.for_service(household.SERVICE)
    case = Case.objects.create(
        year=2026,
        serial=900,
        service_id=household.SERVICE,
        title="Ekonomiskt bistånd",
        definition_hash=effective.hash,
        unit=Unit.objects.get(slug="ekonomi"),
        secrecy="social",
        opened_at=long_ago(40),
        due_on=date(2026, 1, 1),
    )
    Party.objects.create(case=case, person=person, role="applicant", name=person.full_name)
    return case


def evidence(draft: Draft, signer: Person) -> SignatureEvidence:
    """What identity hands over once the person has signed the draft's text."""
    return SignatureEvidence(
        person_id=signer.pk,
        payload_sha256=draft.frozen_hash,
        purpose="forms.submission",
        provider="bankid",
        issuer="https://id.example",
        subject="hemlig",
        at=now(),
        assurance=3,
        acr="loa3",
        nonce="n",
        nonce_salt="s",
        id_token_hash="h",
        id_token="t",
    )


@pytest.fixture
def filled(browser: Browser, anna: Person) -> tuple[Client, str, Draft]:
    """Anna has filled in for herself and Bo, and gone on to the signatures."""
    earlier_case(anna)
    client = browser(anna)
    address = household.begin(client)
    household.fill(client, address)
    response = client.post(f"{address}granska/")
    assert (response.status_code, response["Location"]) == (302, f"{address}signera/"), (
        response.content.decode()
    )
    return client, address, Draft.objects.get()


def test_two_sign_and_one_case_comes_of_it(
    filled: tuple[Client, str, Draft], anna: Person, bo: Person
) -> None:
    client, address, draft = filled
    assert "Läs och skriv under" in client.get(f"{address}signera/").content.decode()
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, anna), by=actor(anna))
    assert "Bo Lund" in client.get(f"{address}signera/").content.decode()
    assert not Application.objects.exists()
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, bo), by=actor(bo))
    response = client.get(f"{address}signera/")
    case = Case.objects.get(serial=1)
    assert response["Location"] == f"/kvitto/{case.pk}/"
    application = Application.objects.get(case=case)
    assert application.content_hash == sha256_hex(draft.frozen["text"].encode())
    assert application.answers["power"] == "300.50"
    assert {(one.party_role, one.person_id) for one in SignatureRecord.objects.all()} == {
        ("applicant", anna.pk),
        ("co_applicant", bo.pk),
    }
    assert {one.content_hash for one in SignatureRecord.objects.all()} == {application.content_hash}
    assert case.title.startswith("Ekonomiskt bistånd ")
    assert case.secrecy == "social"
    assert CaseDocument.objects.get(case=case).title == "konto.pdf"
    page = client.get(response["Location"]).content.decode()
    assert case.number in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person_id": uuid4()}, "någon annan"),
        ({"purpose": "forms.completion"}, "något annat"),
        ({"assurance": 2}, "räcker inte"),
    ],
    ids=["person", "purpose", "assurance"],
)
def test_evidence_of_another_person_or_purpose_or_too_weak_signs_nothing(
    filled: tuple[Client, str, Draft], anna: Person, changes: dict[str, Any], sentence: str
) -> None:
    _client, _address, draft = filled
    wrong = replace(evidence(draft, anna), **changes)
    with pytest.raises(NotAllowed, match=sentence):
        actions.sign(draft_id=draft.pk, evidence=wrong, by=actor(anna))
    assert not DraftSigner.objects.filter(signed_at__isnull=False).exists()
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, anna), by=actor(anna))
    assert DraftSigner.objects.filter(signed_at__isnull=False).count() == 1


def test_the_text_that_is_signed_holds_all_and_the_receipt_keeps_it(
    filled: tuple[Client, str, Draft], anna: Person, bo: Person
) -> None:
    _client, _address, draft = filled
    content = json.loads(draft.frozen["text"])
    assert content["answers"]["livelihood"] == "Jag har ingen inkomst."
    assert {one["party"] for one in content["attestations"]} == {"applicant", "co_applicant"}
    for one in (anna, bo):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, one), by=actor(one))
    case = submission.submit(draft.pk, by=actor(bo))
    jobs.write_receipt(draft.pk)
    jobs.write_receipt(draft.pk)
    application = Application.objects.get(case=case)
    assert application.receipt is not None
    assert application.receipt.mime == "application/pdf"
    signed = CaseDocument.objects.get(case=case, title="Texten som skickades in")
    assert signed.document.sha256 == application.content_hash


def test_the_other_party_finds_it_by_personal_number_alone(
    filled: tuple[Client, str, Draft], browser: Browser, bo: Person
) -> None:
    """Bo was registered after Anna filled in; his place knows only the blind index of his number."""
    _client, _address, draft = filled
    assert DraftSigner.objects.get(party="co_applicant").person_id is None
    his = browser(bo)
    page = his.get("/mina-sidor/").content.decode()
    assert f"/att-signera/{draft.pk}/" in page
    page = his.get(f"/att-signera/{draft.pk}/").content.decode()
    assert "Jag har ingen inkomst." in page
    assert "Ändra ansökan" not in page


def test_a_stranger_finds_neither_draft_nor_signature(
    filled: tuple[Client, str, Draft], browser: Browser
) -> None:
    _client, address, draft = filled
    stranger, nobody = browser(person(CAT, "Cat", "Ström")), browser()
    for path in (address, f"{address}granska/", f"{address}situation/", f"{address}signera/"):
        assert stranger.get(path).status_code == 404, path
        sent = nobody.get(path)
        assert (sent.status_code, sent["Location"]) == (302, f"/logga-in/?{urlencode({'next': path})}")
    # Logged out, a draft that is not there looks the same.
    assert nobody.get(f"/ansokan/{uuid7()}/").status_code == 302
    assert browser(Person.objects.get(given_name="Cat")).get(f"/att-signera/{draft.pk}/").status_code == 404


def test_a_change_after_a_signature_drops_it_and_says_so(
    filled: tuple[Client, str, Draft], anna: Person, bo: Person
) -> None:
    client, address, draft = filled
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, bo), by=actor(bo))
    response = client.post(f"{address}oppna/", follow=True)
    assert "gäller inte längre" in response.content.decode()
    assert not DraftSigner.objects.exists()
    client.post(f"{address}asset_step/", {"bank_assets": "500", "has_assets": "no", "continue": "1"})
    client.post(f"{address}granska/")
    from sambruk.common.errors import Conflict

    with pytest.raises(Conflict, match="har ändrats"):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, bo), by=actor(bo))


def test_one_application_a_month(filled: tuple[Client, str, Draft], anna: Person, bo: Person) -> None:
    client, _address, draft = filled
    for one in (anna, bo):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, one), by=actor(one))
    case = submission.submit(draft.pk, by=actor(anna))
    address = household.begin(client)
    step, data = household.steps()[0]
    response = client.post(f"{address}{step}/", {**data, "continue": "1"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Det finns redan en ansökan för" in page
    assert f"/mina-sidor/arenden/{case.pk}/" in page


def test_without_login_one_is_sent_to_log_in(browser: Browser, anna: Person) -> None:
    for client in (browser(), browser(anna, 2)):
        response = client.get(f"/tjanster/{household.SERVICE}/borja/")
        assert response.status_code == 302
        assert response["Location"].startswith("/logga-in/?next=")


def test_begun_once_it_is_taken_up_again(browser: Browser, anna: Person) -> None:
    earlier_case(anna)
    assert household.begin(browser(anna)) == household.begin(browser(anna))


def test_hidden_answers_are_not_sent(browser: Browser, anna: Person) -> None:
    earlier_case(anna)
    client = browser(anna)
    address = household.begin(client)
    step, data = household.steps()[0]
    client.post(
        f"{address}{step}/", {**data, "changed": "yes", "changed_text": "Ny lägenhet", "continue": "1"}
    )
    household.fill(client, address, partner=False)
    client.post(f"{address}granska/")
    draft = Draft.objects.get()
    assert draft.answers["changed_text"] == "Ny lägenhet"
    assert "changed_text" not in json.loads(draft.frozen["text"])["answers"]
    assert [one.party for one in draft.signers.all()] == ["applicant"]


def test_parties_and_the_units_staff_read_the_papers_and_nobody_else(
    filled: tuple[Client, str, Draft], browser: Browser, anna: Person, bo: Person
) -> None:
    client, _address, draft = filled
    attached = DraftFile.objects.get().document
    assert browser(bo).get(f"/dokument/{attached.pk}/").status_code == 200
    for one in (anna, bo):
        actions.sign(draft_id=draft.pk, evidence=evidence(draft, one), by=actor(one))
    case = submission.submit(draft.pk, by=actor(anna))
    jobs.write_receipt(draft.pk)
    signed = CaseDocument.objects.get(case=case, title="Texten som skickades in").document
    receipt = Application.objects.get(case=case).receipt
    assert receipt is not None
    page = client.get(f"/mina-sidor/arenden/{case.pk}/").content.decode()
    assert f"/dokument/{receipt.pk}/" in page
    caseworker = StaffMember.objects.create(provider=provider(), subject="eva", name="Eva Handläggare")
    Membership.objects.create(
        staff=caseworker, unit=case.unit, role="caseworker", valid_from=date(2020, 1, 1)
    )
    theirs = browser(caseworker)
    assert theirs.get(f"/handlaggning/arende/{case.pk}/").status_code == 200
    stranger = browser(person(CAT, "Cat", "Ström"))
    for document, residents, staff in ((attached, 200, 200), (receipt, 200, 200), (signed, 404, 200)):
        path = f"/dokument/{document.pk}/"
        assert (client.get(path).status_code, browser(bo).get(path).status_code) == (residents, residents)
        assert theirs.get(path).status_code == staff
        assert stranger.get(path).status_code == 404
        assert browser().get(path).status_code == 404


def test_staff_fill_in_on_the_telephone_and_the_person_signs(
    browser: Browser, anna: Person, tenant: object
) -> None:
    earlier_case(anna)
    staff = StaffMember.objects.create(provider=provider(), subject="kim", name="Kim Kontakt")
    Membership.objects.create(
        staff=staff, unit=Unit.objects.get(slug="ekonomi"), role="contact_centre", valid_from=date(2020, 1, 1)
    )
    client = Client(HTTP_HOST="jarfalla.localhost")
    session = log_in(client, staff)
    session.filling_in_for, session.channel = anna, "telephone"
    session.save()
    address = household.begin(client)
    household.fill(client, address, partner=False)
    client.post(f"{address}granska/")
    assert "loggar in på Mina sidor" in client.get(f"{address}signera/").content.decode()
    draft = Draft.objects.get()
    hers = browser(anna)
    assert f"{address}signera/" in hers.get("/mina-sidor/").content.decode()
    actions.sign(draft_id=draft.pk, evidence=evidence(draft, anna), by=actor(anna))
    hers.get(f"{address}signera/")
    case = Case.objects.get(serial=1)
    assert case.channel == "telephone"
    assert Application.objects.get(case=case).filled_in_by == "Kim Kontakt"
    session.filling_in_for = None
    session.channel = "web"
    session.save()
    assert client.get(address).status_code == 404
