"""The conversation in a case: who may write and read, once, with files, and who has seen what."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.platform.cases.conftest import administrator
from tests.platform.documents.conftest import PDF
from tests.support import people
from tests.support.definitions import loaded

from sambruk.common.actor import anonymous_actor
from sambruk.common.calendar import now
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound
from sambruk.common.ids import uuid7
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.cases.models import Case, CaseDocument, LogEntry
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.documents.models import Document
from sambruk.platform.identity.models import Person, StaffMember
from sambruk.platform.messaging import actions, queries
from sambruk.platform.messaging.models import TEXT_MAX, Message, MessageDocument, Notice, Receipt
from sambruk.platform.tenancy.models import Principal


def send(case: Case, by: Person | StaffMember, text: str = "Hej!", **how: Any) -> Message:
    return actions.send_message(case_id=case.pk, text=text, by=people.actor(by), **how)


def lines(case: Case, by: Person | StaffMember, **how: Any) -> list[queries.Line]:
    return list(queries.conversation(case=case, actor=people.actor(by), **how).lines)


def test_each_side_reads_what_the_other_wrote_in_order(case: Case, anna: Person, karin: StaffMember) -> None:
    send(case, anna, "Behöver ni mer?")
    send(case, karin, "Ja, ett intyg.")
    seen = lines(case, karin)
    assert [(line.text, line.author, line.is_own, line.is_new) for line in seen] == [
        ("Behöver ni mer?", "Anna Andersson", False, True),
        ("Ja, ett intyg.", "Karin", True, False),
    ]
    assert [line.is_own for line in lines(case, anna)] == [True, False]


def test_the_text_lies_encrypted_in_the_database(case: Case, anna: Person) -> None:
    message = send(case, anna, "Jag har blivit sjuk.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM messaging_message WHERE id = %s", [message.pk])
        assert b"sjuk" not in bytes(cursor.fetchone()[0])
    assert Message.objects.get(pk=message.pk).text == "Jag har blivit sjuk."


def test_writing_is_logged_without_what_was_written(case: Case, anna: Person) -> None:
    send(case, anna, "Jag har blivit sjuk.")
    entry = LogEntry.objects.get(case=case)
    assert (entry.text, entry.visible_to_resident) == ("Den sökande skrev ett meddelande.", True)
    assert AuditEvent.objects.get(event="message.sent").case_id == case.pk


def test_the_other_parties_are_told_but_not_the_writer(case: Case, anna: Person, bo: Person) -> None:
    send(case, anna)
    assert list(Notice.objects.values_list("person_id", "occasion")) == [(bo.pk, "message")]


def test_what_staff_writes_is_told_to_every_party(
    case: Case, anna: Person, bo: Person, karin: StaffMember
) -> None:
    send(case, karin)
    assert set(Notice.objects.values_list("person_id", flat=True)) == {anna.pk, bo.pk}


def test_a_double_click_sends_once(case: Case, anna: Person) -> None:
    key = uuid7().hex
    assert send(case, anna, key=key).pk == send(case, anna, "Hej igen!", key=key).pk
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  \n ", "Skriv ett meddelande."),
        ("\x00\u202e", "Skriv ett meddelande."),
        ("x" * (TEXT_MAX + 1), "för lång"),
    ],
)
def test_a_text_that_will_not_do_is_a_sentence_at_the_field(
    case: Case, anna: Person, text: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        send(case, anna, text)
    assert sentence in refused.value.field_errors["text"]
    assert not Message.objects.exists()


def test_files_come_along_and_stand_among_the_cases_documents(case: Case, anna: Person) -> None:
    message = send(case, anna, "", files=[("intyg.pdf", io.BytesIO(PDF)), ("mer.pdf", io.BytesIO(PDF))])
    assert MessageDocument.objects.filter(message=message).count() == 2
    assert set(CaseDocument.objects.values_list("title", "category")) == {
        ("intyg.pdf", "message"),
        ("mer.pdf", "message"),
    }
    assert [file.name for file in lines(case, anna)[0].files] == ["intyg.pdf", "mer.pdf"]


@pytest.mark.parametrize(
    "files",
    [
        [("x.exe", io.BytesIO(b"MZ" + b"\0" * 99))],
        [(f"{n}.pdf", io.BytesIO(PDF)) for n in range(actions.MAX_FILES + 1)],
    ],
)
def test_a_file_that_will_not_do_stops_the_whole_message(case: Case, anna: Person, files: Any) -> None:
    with pytest.raises(Invalid) as refused:
        send(case, anna, "Här är intyget.", files=files)
    assert refused.value.field_errors["files"]
    assert not Message.objects.exists()
    assert not Document.objects.exists()


def test_who_may_not_see_the_case_may_neither_write_nor_read(case: Case, tenant: Principal) -> None:
    strangers = [
        people.person("Sven"),
        people.staff("stina", "caseworker", at=people.unit("trafik", "technical")),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound):
            send(case, stranger)
        with pytest.raises(NotFound):
            lines(case, stranger)
        with pytest.raises(NotFound):
            actions.mark_read(case_id=case.pk, by=people.actor(stranger))
    with pytest.raises(NotFound):
        actions.send_message(case_id=case.pk, text="Hej", by=anonymous_actor(tenant.pk))


def test_staff_who_may_only_read_may_not_write(case: Case, tenant: Principal) -> None:
    from sambruk.common.actor import Actor, ActorKind
    from sambruk.platform.identity.permissions import Permission, in_unit

    only_reads = frozenset({str(Permission.CASE_READ), in_unit(Permission.CASE_READ, case.unit_id)})
    reader = Actor(
        kind=ActorKind.STAFF,
        id=people.staff("rut").pk,
        permissions=only_reads,
        unit_ids=frozenset({case.unit_id}),
    )
    assert queries.conversation(case=case, actor=reader).lines == []
    with pytest.raises(NotAllowed):
        actions.send_message(case_id=case.pk, text="Hej", by=reader)


def test_in_a_closed_case_only_staff_writes(case: Case, anna: Person, karin: StaffMember) -> None:
    definitions.publish_loaded(loaded=loaded(), by=administrator())
    definitions.adopt(service="prov", units={"default": case.unit_id}, by=administrator())
    # An event after the closing moves the day of disposal, by the service's own rule.
    whole = effective.for_service("prov").hash
    Case.objects.filter(pk=case.pk).update(
        station="closed", closed_at=now(), disposal_fault="Prov.", definition_hash=whole
    )
    with pytest.raises(Conflict, match="avslutat"):
        send(case, anna)
    assert send(case, karin).side == "staff"


def test_where_the_log_cannot_be_written_nothing_is_sent(
    case: Case, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = people.actor(anna)

    def refuse(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("sambruk.platform.audit.actions.record", refuse)
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.send_message(case_id=case.pk, text="Hej", by=by)
    assert not Message.objects.exists()


def test_a_receipt_is_written_once_for_each_reader_and_read_at_is_the_first(
    case: Case, anna: Person, bo: Person, karin: StaffMember
) -> None:
    message = send(case, karin)
    for reader, new in ((anna, 1), (anna, 0), (bo, 1), (karin, 0)):
        assert actions.mark_read(case_id=case.pk, by=people.actor(reader)) == new
    assert set(Receipt.objects.values_list("reader_id", flat=True)) == {anna.pk, bo.pk}
    message.refresh_from_db()
    assert message.read_at == Receipt.objects.order_by("id")[0].at
    assert AuditEvent.objects.filter(event="message.read").count() == 2


def test_unread_is_counted_for_each_person_and_for_staff_together(
    case: Case, anna: Person, bo: Person, karin: StaffMember
) -> None:
    send(case, karin)
    send(case, karin)
    send(case, anna)
    assert queries.unread_for_person(anna.pk, [case.pk]) == {case.pk: 2}
    assert queries.unread_for_staff([case.pk]) == {case.pk: 1}
    actions.mark_read(case_id=case.pk, by=people.actor(anna))
    actions.mark_read(case_id=case.pk, by=people.actor(karin))
    assert queries.unread_for_person(anna.pk, [case.pk]) == {}
    assert queries.unread_for_person(bo.pk, [case.pk]) == {case.pk: 2}
    assert queries.unread_for_staff([case.pk]) == {}


def test_a_protected_party_is_named_to_nobody_else(
    case: Case, anna: Person, bo: Person, karin: StaffMember
) -> None:
    Person.objects.filter(pk=anna.pk).update(protection="sekretess")
    send(case, anna)
    for reader in (karin, bo):
        [line] = lines(case, reader)
        assert line.author == "Skyddad identitet"
    assert lines(case, anna)[0].is_own


def test_the_number_of_queries_does_not_grow_with_the_conversation(
    case: Case, anna: Person, karin: StaffMember
) -> None:
    actor = people.actor(karin)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries_made:
            queries.conversation(case=case, actor=actor)
        return len(queries_made)

    send(case, anna, files=[("intyg.pdf", io.BytesIO(PDF))])
    few = count()
    for number in range(20):
        send(case, anna if number % 2 else karin, files=[("intyg.pdf", io.BytesIO(PDF))])
    assert count() == few


def test_long_conversations_come_in_pages_from_the_end(case: Case, anna: Person) -> None:
    for number in range(5):
        send(case, anna, str(number))
    actor = people.actor(anna)
    last = queries.conversation(case=case, actor=actor, limit=2)
    middle = queries.conversation(case=case, actor=actor, limit=2, before=last.before)
    first = queries.conversation(case=case, actor=actor, limit=2, before=middle.before)
    assert [[line.text for line in page.lines] for page in (last, middle, first)] == [
        ["3", "4"],
        ["1", "2"],
        ["0"],
    ]
    assert first.before is None
