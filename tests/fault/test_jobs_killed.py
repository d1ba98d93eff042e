"""Each kind of job, killed at each named place: done in the end, once, and told outside as the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import get_resolver
from tests.fault.jobs_of_a_process import register, service, signed_by_two
from tests.platform.api.conftest import Town, build_town, connect
from tests.platform.api.receiver import Receiver
from tests.platform.documents.clamd_server import ClamdServer
from tests.platform.forms.test_report import PNG
from tests.platform.messaging.conftest import Mailbox, SmsServer, mailbox, sms
from tests.support import people
from tests.support.server import Server
from tests.support.web import ROOT

from sambruk.common.actor import anonymous_actor, system_actor
from sambruk.common.clock import now, today
from sambruk.common.ids import uuid7
from sambruk.platform.api.models import WebhookEvent
from sambruk.platform.api.webhooks.emitting import KIND as WEBHOOK
from sambruk.platform.cases.actions import closing, disposal, opening
from sambruk.platform.cases.models import (
    Application,
    Case,
    CaseDocument,
    DisposalLine,
    LogEntry,
    Task,
)
from sambruk.platform.cases.numbers import assign_number
from sambruk.platform.cases.process.running import HANDLER_WORK
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions import effective
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents import stores
from sambruk.platform.documents.jobs import SCAN
from sambruk.platform.documents.models import Document, Scan
from sambruk.platform.exchange import failpoints, outbox, runner
from sambruk.platform.exchange.models import Delivery, DeliveryState
from sambruk.platform.exchange.registry import find_kind, kinds, periodic_work
from sambruk.platform.forms import actions as forms
from sambruk.platform.forms import reminders, submission
from sambruk.platform.forms.access import digest
from sambruk.platform.forms.models import Draft, DraftSigner
from sambruk.platform.messaging.jobs import EMAIL_KIND, SMS_KIND, notify
from sambruk.platform.messaging.models import Channel, Notice, NoticeState
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal

__all__ = ["mailbox", "sms"]
pytestmark = [pytest.mark.fault, pytest.mark.slow]

SIGNER_EMAIL, SIGNER_SMS = (reminders.GIVEN_KINDS[one] for one in (Channel.EMAIL, Channel.SMS))
ANSWERS = {
    "kind": "light", "danger": False, "description": "Lampan är trasig.",
    "place": {"address": "Storgatan 1"}, "wants_answer": False,
}  # fmt: skip


@dataclass
class Outside:
    """The counterparts: a mail server, a text message service, a subscriber and clamd."""

    mail: Mailbox
    sms: SmsServer
    hook: Receiver
    clamd: ClamdServer

    @contextmanager
    def refusing(self, times: int) -> Iterator[None]:
        """All of them fail, each so many times."""
        self.mail.answers = ["451 later"] * times
        self.sms.statuses = [503] * times
        self.hook.statuses = [503] * times
        self.clamd.mode = "error"
        yield
        self.mail.answers, self.sms.statuses, self.hook.statuses = [], [], []
        self.clamd.mode = "answer"


@pytest.fixture
def outside(mailbox: Mailbox, sms: SmsServer, settings: Any, tmp_path: Path) -> Iterator[Outside]:
    settings.DOCUMENT_STORE = str(tmp_path / "store")
    with Receiver() as hook, ClamdServer() as clamd:
        settings.CLAMD = clamd.address
        stores._store.cache_clear()
        yield Outside(mailbox, sms, hook, clamd)
    stores._store.cache_clear()


class Makers:
    """For each kind: makes the thing whose delivery it is; returns the new delivery's object."""

    def __init__(self, outside: Outside, town: Town) -> None:
        self.outside, self.town, self.serial = outside, town, 1000
        for each in (service(), signed_by_two()):
            definitions.publish_loaded(loaded=each, by=_administrator())
            definitions.adopt(
                service=each.service.service, units={"default": town.centre.pk}, by=_administrator()
            )
        system = connect(town.centre, town.street)
        body = {"url": f"{outside.hook.url}hook", "eventTypes": ["case.opened"]}
        assert system.post("/subscriptions", body).status_code == 201

    def by_kind(self) -> dict[str, Callable[[], None]]:
        return {
            "forms.receipt": self.receipt,
            HANDLER_WORK: self.step,
            SCAN: self.scan,
            WEBHOOK: self.webhook,
            EMAIL_KIND: self.email,
            SMS_KIND: self.text_message,
            disposal.WORK: self.disposal,
            SIGNER_EMAIL: partial(self.to_signer, mail="bo@post.example"),
            SIGNER_SMS: partial(self.to_signer, telephone="0701234567"),
            # What belongs to no tenant becomes no delivery: it is done at its next time.
            **{
                name: partial(self.periodic, name)
                for name, work in periodic_work().items()
                if not work.shared
            },
        }

    def periodic(self, name: str) -> None:
        """What a tenant's nightly work becomes when it has failed once."""
        outbox.enqueue(kind=name, object_id=self._tenant, key=f"{name}:{uuid7()}")

    def receipt(self) -> None:
        by, browser = anonymous_actor(self._tenant), digest("a-browser-key-of-at-least-twenty-signs")
        draft = forms.begin(service_id="felanmalan", by=by, browser=browser, fresh=True)
        draft.answers = ANSWERS
        draft.save()
        submission.submit(draft.pk, by=by, browser=browser)

    def step(self) -> None:
        made = opening.NewCase(
            effective=effective.for_service("prov"), title="Prov", unit_id=self.town.centre.pk,
            authority_id=self.town.centre.authority_id, secrecy="public", due_on=today() + timedelta(days=1),
            parties=(), submission_key=uuid7(), answers={"a": "b"}, content_hash="a" * 64,
        )  # fmt: skip
        assign_number(opening.open_case(made, by=anonymous_actor(self._tenant)))

    def scan(self) -> None:
        self.outside.clamd.mode = "error"  # not searched when it is saved
        documents.save(content=PNG, name="hål.png", kind="attachment", by=anonymous_actor(self._tenant))
        self.outside.clamd.mode = "answer"

    def webhook(self) -> None:
        self.town.report()

    def email(self) -> None:
        self._notice(email="anna@post.example", notify_email=True)

    def text_message(self) -> None:
        self._notice(phone="+46701234567", notify_sms=True)

    def to_signer(self, **answers: str) -> None:
        """Somebody who has never been here is to sign what another has written."""
        moment = now()
        draft = Draft.objects.create(
            person=people.person(), service_id="tva", definition_hash=effective.for_service("tva").hash,
            state=Draft.State.SIGNING, answers=answers, frozen_hash="a" * 64, frozen_at=moment,
            created_at=moment, updated_at=moment, expires_at=moment + timedelta(days=1),
        )  # fmt: skip
        place = DraftSigner.objects.create(draft=draft, party="other", name="Bo")
        assert reminders.send_reminder(draft, place)

    def disposal(self) -> None:
        case = self.town.report()
        closing.close(case, by=system_actor(self._tenant, "Prov"))
        Case.objects.filter(pk=case.pk).update(closed_at="2020-01-01T09:00:00Z", disposal_on="2022-01-01")
        LogEntry.objects.filter(case=case).update(at="2020-01-01T09:00:00Z")
        self.serial += 1
        by = people.actor(people.staff(f"arkiv-{self.serial}", "archivist", at=case.unit))
        disposal.confirm(run_id=disposal.make_list(by=by).pk, by=by)

    def _notice(self, **address: Any) -> None:
        self.serial += 1
        assert (
            notify(case=people.case(people.person(**address), serial=self.serial), occasion="decision") == 1
        )

    @property
    def _tenant(self) -> UUID:
        return self.town.centre.tenant_id


def _administrator() -> Any:
    from tests.platform.api.conftest import administrator

    return administrator()


@dataclass(frozen=True)
class Victim:
    """A delivery, and where its first run is killed."""

    delivery: UUID
    kind: str
    object_id: UUID
    point: str


def points_of(kind: str) -> list[str]:
    """The places that a run of this kind passes: the call only where it calls outside."""
    found = find_kind(kind)
    assert found is not None
    outer: set[str] = set()
    if found.handler is not None:
        # Nightly work has no counterpart that could be told to fail.
        outer = {runner.CALLED} if kind in periodic_work() else {runner.CALLED, runner.FAILING}
    return sorted({runner.CLAIMED, runner.PREPARED, runner.FINISHING, runner.FINISHED} | outer)


def make_victims(makers: Makers) -> list[Victim]:
    found: list[Victim] = []
    for kind, make in makers.by_kind().items():
        for point in points_of(kind):
            before = set(Delivery.objects.values_list("pk", flat=True))
            make()
            new = Delivery.objects.filter(kind=kind).exclude(pk__in=before).get()
            found.append(Victim(new.pk, kind, new.object_id, point))
    return found


@pytest.fixture
def run(committed_db: str, database_server: Server, jarfalla: Principal, settings: Any) -> Iterator[Any]:
    """``run(victims, kill)``: run each in a process of its own; returns the exit codes."""
    own = {
        "DJANGO_SETTINGS_MODULE": "sambruk.config.settings",
        "DATABASE_URL": database_server.url("application", committed_db),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    started: list[subprocess.Popen[str]] = []

    def go(victims: list[Victim], *, kill: bool) -> list[int]:
        if not started:
            more = {
                "SAMBRUK_SMTP_PORT": str(settings.EMAIL_PORT), "SAMBRUK_SMS_URL": settings.SMS_URL,
                "SAMBRUK_SMS_TOKEN": settings.SMS_TOKEN, "SAMBRUK_CLAMD": settings.CLAMD,
                "SAMBRUK_DOCUMENT_STORE": settings.DOCUMENT_STORE,
            }  # fmt: skip
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.fault.killed_run"], env={**os.environ, **own, **more},
                    cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )  # fmt: skip
        process = started[0]
        assert process.stdin is not None
        assert process.stdout is not None
        batch = [(str(jarfalla.pk), str(one.delivery), one.point if kill else "") for one in victims]
        process.stdin.write(json.dumps(batch) + "\n")
        process.stdin.flush()
        codes: list[int] = json.loads(process.stdout.readline())
        return codes

    yield go
    for process in started:
        process.kill()
        process.communicate()


def test_every_kind_killed_at_every_point(
    committed_db: str, jarfalla: Principal, outside: Outside, run: Any
) -> None:
    get_resolver().url_patterns  # noqa: B018 - brings every module that declares a point
    register()
    with tenant_transaction(jarfalla.pk):
        makers = Makers(outside, build_town())
        ours = {name for name in kinds() if not name.startswith("test.")}
        assert set(makers.by_kind()) == ours, "a kind of job that nobody kills"
        victims = make_victims(makers)
    assert {one.point for one in victims} == {
        name for name in failpoints.all_points() if name.startswith("exchange.")
    }
    failing = [one for one in victims if one.point == runner.FAILING]
    others = [one for one in victims if one.point != runner.FAILING]
    with outside.refusing(len(failing)):
        assert run(failing, kill=True) == [-9] * len(failing)
    assert run(others, kill=True) == [-9] * len(others)
    with tenant_transaction(jarfalla.pk):
        for one in victims:
            done = Delivery.objects.get(pk=one.delivery).state == DeliveryState.DONE
            assert done == (one.point == runner.FINISHED), one
    again = [one for one in victims if one.point != runner.FINISHED]
    assert run(again, kill=False) == [0] * len(again)
    with tenant_transaction(jarfalla.pk):
        for one in victims:
            assert Delivery.objects.get(pk=one.delivery).state == DeliveryState.DONE, one
            _done_once(one)
    _told_as_the_same(outside, victims)


def _done_once(one: Victim) -> None:
    """What the job writes stands once."""
    if one.kind == "forms.receipt":
        case = Application.objects.get(submission_key=one.object_id).case
        titles = CaseDocument.objects.filter(case=case).values_list("title", flat=True)
        assert sorted(titles) == ["Kvitto", "Texten som skickades in"], one
    elif one.kind == HANDLER_WORK:
        task = Task.objects.get(pk=one.object_id)
        assert task.state == Task.State.DONE
        assert LogEntry.objects.filter(case=task.case, kind="fault.step").count() == 1, one
        assert Task.objects.filter(case=task.case, element="work", state=Task.State.OPEN).count() == 1, one
    elif one.kind == disposal.WORK:
        line = DisposalLine.objects.get(pk=one.object_id)
        assert line.state == DisposalLine.State.DISPOSED
        assert not Case.objects.filter(pk=line.case_id).exists()
    elif one.kind == SCAN:
        assert Document.objects.get(pk=one.object_id).scan == Scan.CLEAN
    elif one.kind == WEBHOOK:
        assert WebhookEvent.objects.get(pk=one.object_id).delivered_at is not None
    elif one.kind in (EMAIL_KIND, SMS_KIND):
        assert Notice.objects.get(pk=one.object_id).state == NoticeState.SENT


def _told_as_the_same(outside: Outside, victims: list[Victim]) -> None:
    """What was sent twice (its answer was lost with the process) carries one and the same key."""
    twice = {runner.CALLED, runner.FINISHING}
    for kinds_of, keys in (
        ((EMAIL_KIND, SIGNER_EMAIL), [mail["Message-ID"] for mail in outside.mail.mails]),
        ((SMS_KIND, SIGNER_SMS), [headers["Idempotency-Key"] for headers in outside.sms.headers]),
        ((WEBHOOK,), [one.headers["webhook-id"] for one in outside.hook.received]),
    ):
        of = [one for one in victims if one.kind in kinds_of]
        extra = 0 if EMAIL_KIND in kinds_of else 1  # the refused attempt was heard too
        expected = [2 if one.point in twice else 1 for one in of if one.point != runner.FAILING]
        expected += [1 + extra] * len(kinds_of)
        assert sorted(Counter(keys).values()) == sorted(expected), kinds_of
