from dataclasses import FrozenInstanceError, dataclass
from uuid import uuid4

import pytest

from sambruk.common import events
from sambruk.common.actor import Actor, ActorKind, anonymous_actor, system_actor
from sambruk.common.errors import Conflict, Invalid, NotAllowed, NotFound, SambrukError, Unavailable


def test_an_actor_may_only_what_it_was_given():
    actor = Actor(kind=ActorKind.STAFF, id=uuid4(), name="Eva Ek", permissions=frozenset({"case.read"}))
    assert actor.may("case.read")
    actor.require("case.read")
    assert not actor.may("case")
    with pytest.raises(NotAllowed, match="behörighet"):
        actor.require("case.decide")
    assert actor.is_staff
    assert not actor.is_resident
    with pytest.raises(FrozenInstanceError):
        actor.permissions = frozenset({"case.decide"})


def test_system_and_anonymous():
    tenant = uuid4()
    actor = system_actor(tenant, "retention")
    assert (actor.kind, actor.tenant_id, actor.name, actor.id) == (
        ActorKind.SYSTEM,
        tenant,
        "retention",
        None,
    )
    assert actor.is_system
    assert not actor.may("case.read")
    assert system_actor(tenant, "x", frozenset({"case.read"})).may("case.read")
    assert anonymous_actor(tenant).kind is ActorKind.ANONYMOUS
    assert not anonymous_actor(tenant).may("case.read")


@dataclass(frozen=True)
class Happened:
    what: str


@dataclass(frozen=True)
class HappenedLoudly(Happened):
    pass


@pytest.fixture
def registry():
    with events.isolated():
        yield


@pytest.mark.usefixtures("registry")
def test_handlers_run_in_order_and_see_the_event():
    seen = []
    events.subscribe(Happened)(lambda event: seen.append(("first", event.what)))
    events.subscribe(str)(lambda event: seen.append("wrong"))
    events.subscribe(HappenedLoudly)(lambda event: seen.append(("loud", event.what)))
    events.subscribe(Happened)(lambda event: seen.append(("second", event.what)))
    events.publish(Happened("a"))
    assert seen == [("first", "a"), ("second", "a")]
    seen.clear()
    events.publish(HappenedLoudly("b"))
    assert seen == [("first", "b"), ("loud", "b"), ("second", "b")]
    assert len(events.handlers_of(HappenedLoudly)) == 3
    assert len(events.handlers_of(Happened)) == 2


@pytest.mark.usefixtures("registry")
def test_an_exception_stops_and_propagates():
    seen = []

    @events.subscribe(Happened)
    def fails(event: Happened) -> None:
        raise Conflict

    events.subscribe(Happened)(seen.append)
    with pytest.raises(Conflict):
        events.publish(Happened("a"))
    assert seen == []


@pytest.mark.usefixtures("registry")
def test_registering_twice_counts_once():
    seen = []

    def handler(event: Happened) -> None:
        seen.append(event)

    assert events.subscribe(Happened)(handler) is handler
    events.subscribe(Happened)(handler)
    events.publish(Happened("a"))
    assert len(seen) == 1


@pytest.mark.usefixtures("registry")
def test_isolated_restores():
    events.subscribe(Happened)(print)
    with events.isolated(empty=False):
        events.subscribe(Happened)(repr)
        assert len(events.handlers_of(Happened)) == 2
    with events.isolated():
        assert events.handlers_of(Happened) == ()
    assert events.handlers_of(Happened) == (print,)


@pytest.mark.parametrize("kind", [NotAllowed, Invalid, Conflict, NotFound, Unavailable])
def test_every_error_has_a_sentence_and_a_code(kind):
    error = kind()
    assert isinstance(error, SambrukError)
    assert str(error) == error.message_sv
    assert error.message_sv.endswith(".")
    assert error.code != "error"
    assert kind("Så här.", code="own").code == "own"
    assert kind().code != "own"


def test_invalid_takes_field_errors():
    error = Invalid({"steps.income.amount": "Skriv ett belopp."})
    assert error.field_errors == {"steps.income.amount": "Skriv ett belopp."}
    assert error.message_sv == "Skriv ett belopp."
    assert Invalid("Rätta felen.", {"a": "b"}).message_sv == "Rätta felen."
    assert Invalid("Rätta felen.").field_errors == {}


def test_unavailable_says_whether_it_is_permanent():
    assert not Unavailable().permanent
    assert Unavailable("Nyckel saknas.", permanent=True).permanent
