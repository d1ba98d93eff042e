"""Other systems file: a report becomes a case at once, an application waits for the person who sends it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.platform.api.conftest import SERVICES, System, Town, administrator, connect
from tests.platform.api.test_errors import problem
from tests.platform.forms.test_application import earlier_case
from tests.support import people

from sambruk.common.clock import now
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases import commands
from sambruk.platform.cases.models import Application, Case, LogEntry
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.forms import jobs
from sambruk.platform.forms.models import Draft, Filing
from sambruk.platform.identity.models import Person, Unit
from sambruk.platform.identity.permissions import Permission
from sambruk.platform.tenancy.models import Principal

REPORTS = "/services/felanmalan/submissions"
HELP = "ekonomiskt-bistand-ateransokan"
PREPARE = f"/services/{HELP}/prepared-applications"
ANNA = "199006022397"
ANSWERS = {
    "kind": "road",
    "danger": False,
    "description": "Ett stort hål mitt i gatan.",
    "place": {"address": "Storgatan 1"},
    "wants_answer": True,
    "reporter_name": "Nils",
    "reporter_email": "nils@exempel.se",
}


def filing(system: System, body: Any, key: str = "one", path: str = REPORTS) -> Any:
    return system.post(path, body, **{"idempotency-key": key})


@pytest.fixture
def app(town: Town) -> System:
    """The municipality's own app for reports."""
    return connect(town.centre, scopes=(Permission.REPORT_FILE,))


@pytest.fixture
def office(town: Town) -> Unit:
    unit = people.unit("ekonomi")
    definitions.publish_loaded(loaded=load_folder(SERVICES / HELP), by=administrator())
    definitions.adopt(service=HELP, units={"default": unit.pk}, by=administrator())
    return unit


@pytest.fixture
def preparer(office: Unit) -> System:
    """A system that knows something of a person, and prepares."""
    return connect(office, scopes=(Permission.APPLICATION_PREPARE,))


# -- reports


def test_a_report_is_a_case_that_says_how_it_came(app: System, town: Town) -> None:
    answer = filing(app, {"answers": ANSWERS})
    assert answer.status_code == 201, answer.content.decode()
    body = answer.json()
    case = Case.objects.get()
    assert body["case"]["number"] == case.number
    assert body["case"]["stationLabel"] == "Inskickad"
    assert answer["Location"] == f"/api/v1/submissions/{body['id']}"
    assert (case.channel, case.unit_id) == ("api", town.centre.pk)
    application = Application.objects.get(case=case)
    assert application.filled_in_by == "Gatubolaget"
    assert application.answers == ANSWERS
    entry = LogEntry.objects.get(case=case)
    assert (entry.by_name, entry.by_kind) == ("Gatubolaget", "api")
    assert case.parties.get().contact == {"email": "nils@exempel.se"}
    assert set(AuditEvent.objects.filter(case_id=case.pk).values_list("actor_kind", flat=True)) == {"api"}
    page = people.browser(_here(), people.staff("eva", "contact_centre", at=town.centre)).get(
        f"/handlaggning/arende/{case.pk}/"
    )
    assert "Ifylld av Gatubolaget" in page.content.decode()


def _here() -> Principal:
    from sambruk.platform.tenancy.context import current_principal

    return current_principal()


def test_its_state_is_read_by_who_sent_it_alone(app: System, town: Town) -> None:
    made = filing(app, {"answers": ANSWERS}).json()
    path = f"/submissions/{made['id']}"
    agent = people.actor(people.staff("ali", "contact_centre", at=town.centre))
    commands.run(case_id=Case.objects.get().pk, command="do:sort", data={"sorting": "hand_over"}, by=agent)
    seen = app.get(path).json()
    assert seen["case"]["station"] == "in_progress"
    assert seen["followCode"] == made["followCode"]
    assert "Nils" not in json.dumps(seen)
    other = connect(town.centre, scopes=(Permission.REPORT_FILE,))
    problem(other.get(path), 404, "not_found")
    read = AuditEvent.objects.get(is_read=True, event="case.read")
    assert read.actor_name == "Gatubolaget"


def test_the_code_leads_the_one_who_reported_to_the_case(app: System, town: Town) -> None:
    code = filing(app, {"answers": ANSWERS}).json()["followCode"]
    page = people.browser(_here()).post("/folj/", {"kod": code})
    assert page.status_code == 200
    assert "Inskickad" in page.content.decode() and "Svaret kommer här" in page.content.decode()


def test_a_closed_case_without_an_answer_promises_none(app: System, town: Town) -> None:
    code = filing(app, {"answers": ANSWERS}).json()["followCode"]
    Case.objects.update(station="closed", closed_at=now(), disposal_fault="ingen regel")
    page = people.browser(_here()).post("/folj/", {"kod": code}).content.decode()
    assert "utan ett skrivet svar" in page and "Svaret kommer här" not in page


def test_the_same_key_files_once_and_answers_the_same(app: System) -> None:
    first, second = (filing(app, {"answers": ANSWERS}) for _ in range(2))
    assert first.json() == second.json()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Case.objects.count() == 1
    changed = filing(app, {"answers": {**ANSWERS, "kind": "light"}})
    problem(changed, 422, "idempotency_key_reused")
    assert filing(app, {"answers": ANSWERS}, "two").status_code == 201
    assert Case.objects.count() == 2


def test_a_key_is_asked_for(app: System) -> None:
    found = problem(app.post(REPORTS, {"answers": ANSWERS}), 422, "malformed")
    assert found["errors"][0]["field"] == "Idempotency-Key"


def test_a_key_whose_request_failed_may_be_used_again(app: System) -> None:
    problem(filing(app, {"answers": {}}), 422, "invalid_answers")
    assert not Filing.objects.exists()
    assert not Draft.objects.exists()
    assert filing(app, {"answers": ANSWERS}).status_code == 201


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": None}, "answers.kind", "Välj ett svar"),
    ({"kind": {"a": []}}, "answers.kind", "Välj ett av svaren"),
    ({"kind": ["road"]}, "answers.kind", "Välj ett av svaren"),
    ({"danger": "no"}, "answers.danger", "Välj ja eller nej"),
    ({"danger": 0}, "answers.danger", "Välj ja eller nej"),
    ({"description": "hål"}, "answers.description", "Skriv minst 5"),
    ({"description": 12345}, "answers.description", "fel form"),
    ({"description": "a" * 2001}, "answers.description", "för lång"),
    ({"place": {"address": ["Storgatan"]}}, "answers.place.address", "fel form"),
    ({"place": {"lat": "1.000000", "lon": "2.000000"}}, "answers.place", "Sverige"),
    ({"place": {"lat": "NaN", "lon": "2.000000"}}, "answers.place", "Sverige"),
    ({"place": "Storgatan"}, "answers.place", "fel form"),
    ({"place": {"address": "a", "evil": "b"}}, "answers.place", "fel form"),
    ({"reporter_email": "nils"}, "answers.reporter_email", "snabel-a"),
    ({"photo": [{"id": "x"}]}, "answers.photo", "Filer tas inte emot"),
    ({"made_up": 1}, "answers.made_up", "finns inte"),
    ({"x" * 300: 1}, "answers." + "x" * 80, "finns inte"),
    ({"reporter_phone": "070-123 45 67"}, "answers.reporter_phone", "fel form"),
]


def test_answers_are_checked_as_the_forms_are(app: System) -> None:
    for change, field, sentence in WRONG:
        found = problem(filing(app, {"answers": {**ANSWERS, **change}}), 422, "invalid_answers")
        told = {one["field"]: one["detail"] for one in found["errors"]}
        assert sentence in told[field], change
    assert not Case.objects.exists()


def test_what_is_hidden_is_not_kept(app: System) -> None:
    body = {**ANSWERS, "wants_answer": False, "light_number": "17"}
    assert filing(app, {"answers": body}).status_code == 201
    kept = Application.objects.get().answers
    assert not {"reporter_name", "reporter_email", "light_number"} & set(kept)


def test_who_may_file(town: Town) -> None:
    """The scope, and the unit that receives it; a right to handle is none to file, nor the other way."""
    elsewhere = connect(town.street, scopes=(Permission.REPORT_FILE,))
    problem(filing(elsewhere, {"answers": ANSWERS}), 403, "not_allowed")
    handler = connect(town.centre)
    problem(filing(handler, {"answers": ANSWERS}), 403, "insufficient_scope")
    only = connect(town.centre, scopes=(Permission.REPORT_FILE, Permission.CASE_READ))
    made = filing(only, {"answers": ANSWERS}).json()
    assert only.get(f"/cases/{made['case']['id']}/commands").json()["items"] == []


def test_a_service_that_is_not_offered(app: System) -> None:
    problem(filing(app, {"answers": {}}, path="/services/finns-inte/submissions"), 404, "no_service")


# -- applications that somebody must log in for


def test_a_system_never_applies_for_somebody(office: Unit) -> None:
    system = connect(office, scopes=(Permission.REPORT_FILE,))
    problem(filing(system, {"answers": {}}, path=f"/services/{HELP}/submissions"), 409, "login_needed")
    assert not Draft.objects.exists()


def prepare(system: System, answers: dict[str, Any], number: str = ANNA, key: str = "one") -> Any:
    return filing(system, {"person": {"personalNumber": number}, "answers": answers}, key, PREPARE)


def test_prepared_answers_wait_for_the_person_who_reads_changes_and_sends(preparer: System) -> None:
    made = prepare(preparer, {"livelihood": "Jag har ingen inkomst.", "rooms": 2})
    assert made.status_code == 201, made.content.decode()
    assert made.json()["state"] == "waiting_for_person"
    assert not Draft.objects.exists()
    assert not Case.objects.exists()
    anna = people.person("Anna", personal_number=ANNA)
    earlier_case(anna)
    browser = people.browser(_here(), anna)
    assert "Gatubolaget har fyllt i" in browser.get("/mina-sidor/").content.decode()
    begun = browser.post(f"/tjanster/{HELP}/borja/", {"gate_same_household": "yes"})
    assert begun.status_code == 302
    draft = Draft.objects.get()
    assert (draft.person_id, draft.channel, draft.prepared_by) == (anna.pk, "web", "Gatubolaget")
    assert draft.answers["livelihood"] == "Jag har ingen inkomst."
    assert draft.known_from["livelihood"] == "Gatubolaget"
    page = browser.get(f"{begun['Location']}situation/").content.decode()
    assert "Jag har ingen inkomst." in page
    assert "Hämtat från: Gatubolaget" in page
    filed = Filing.objects.get()
    assert (filed.answers, filed.taken_at is None) == ({}, False)
    assert "Gatubolaget har fyllt i" not in browser.get("/mina-sidor/").content.decode()


def test_another_person_and_a_representative_are_not_handed_it(preparer: System) -> None:
    prepare(preparer, {"livelihood": "Jag har ingen inkomst."})
    person = people.person("Bo", personal_number="199001012385")
    earlier_case(person)
    bo = people.browser(_here(), person)
    assert "Gatubolaget" not in bo.get("/mina-sidor/").content.decode()
    bo.post(f"/tjanster/{HELP}/borja/", {"gate_same_household": "yes"})
    assert "livelihood" not in Draft.objects.get().answers
    assert Filing.objects.get().taken_at is None


def test_nothing_is_told_of_the_person(preparer: System) -> None:
    """Unknown here, known, protected: the same answer, and nowhere to ask what became of it."""
    answers = [prepare(preparer, {"rooms": 2}, key="unknown")]
    person = people.person("Anna", personal_number=ANNA)
    for protection in ("", "skyddad", "sekretess"):
        person.protection = protection
        person.save()
        answers.append(prepare(preparer, {"rooms": 2}, key=f"known {protection}".replace(" ", "-")))
    for made in answers:
        assert made.status_code == 201
        assert set(made.json()) == {"id", "serviceId", "state", "createdAt", "expiresAt"}
    problem(preparer.get(f"/submissions/{answers[-1].json()['id']}"), 403, "insufficient_scope")
    assert ANNA not in str(Filing.objects.values_list("number_index", "key", "request_hash").get())


def test_what_was_prepared_last_counts(preparer: System) -> None:
    prepare(preparer, {"rooms": 2}, key="one")
    prepare(preparer, {"rooms": 3}, key="two")
    assert Filing.objects.get().answers == {"rooms": 3}


def test_prepared_answers_are_checked_as_far_as_they_go(preparer: System) -> None:
    owner = {"personal_number": "199001012385", "given_name": "Bo", "family_name": "Lund"}
    for answers, field in (
        ({"rooms": 1000}, "answers.rooms"),
        ({"rent": "5 400"}, "answers.rent"),
        ({"incomes": [{"row": "../x"}]}, "answers.incomes.0.row"),
        ({"incomes": [["a"]]}, "answers.incomes"),
        ({"incomes": [{"evil": 1}]}, "answers.incomes.0.evil"),
        ({"applicant": owner}, "answers.applicant.personal_number"),
        ({"account_overview": [{"id": "x"}]}, "answers.account_overview"),
    ):
        found = problem(prepare(preparer, answers), 422, "invalid_answers")
        assert field in {one["field"] for one in found["errors"]}, answers
    for number in ("", "199006022398", "123", "\u0661" * 12):
        found = problem(prepare(preparer, {}, number=number), 422, "invalid_answers")
        assert found["errors"][0]["field"] == "person.personalNumber"
        assert "199006022398" not in str(found)
    assert not Filing.objects.exists()


def test_what_was_prepared_and_never_taken_is_forgotten(preparer: System, tenant: Principal) -> None:
    prepare(preparer, {"rooms": 2})
    one = Filing.objects.get()
    one.expires_at = one.created_at
    one.save()
    person = Person.objects.create(personal_number=ANNA, given_name="Anna", family_name="Ek")
    assert "Gatubolaget" not in people.browser(tenant, person).get("/mina-sidor/").content.decode()
    jobs.expire(tenant.pk)
    assert not Filing.objects.exists()
