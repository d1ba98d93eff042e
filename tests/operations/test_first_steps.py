"""An installation is brought into use by commands alone: from an empty database to a service on offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support import oidc
from tests.support.browser import Browser
from tests.support.oidc import LOA3, Provider
from tests.support.server import Server
from typer.testing import CliRunner

from sambruk.cli import app
from sambruk.common.clock import today
from sambruk.common.errors import Conflict, Invalid, NotFound, SambrukError
from sambruk.operations.errors import OperationError
from sambruk.platform.audit.models import AuditEvent
from sambruk.platform.definitions.models import Adoption, ServiceVersion
from sambruk.platform.identity.models import IdentityProvider, StaffMember, Unit
from sambruk.platform.tenancy import hosts
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal, StaffGrant

pytestmark = pytest.mark.django_db

HOST = "e.solna.localhost"
ORIGIN = f"http://{HOST}:8000"


def sambruk(*arguments: str, stdin: str | None = None) -> str:
    """Run a command that succeeds; return what it said. Raises what the command raises."""
    done = CliRunner().invoke(app, arguments, input=stdin)
    if isinstance(done.exception, SambrukError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc.running() as found:
        yield found


@pytest.fixture
def empty(committed_db: str, database_server: Server) -> None:
    """A migrated database with nothing in it."""
    with psycopg.connect(database_server.url("admin", committed_db)) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("TRUNCATE tenancy_principal CASCADE")
    hosts.forget()
    assert not Principal.objects.exists()


def add_municipality(code: str = "0184", host: str = HOST) -> None:
    sambruk("municipality", "add", code, f"Kommun {code}", "--host", host)
    sambruk("municipality", "authority", code, "Tekniska nämnden", "--kind", "technical")
    for slug in ("kontaktcenter", "gata-park"):
        sambruk("municipality", "unit", code, slug, slug.title(), "--authority", "Tekniska nämnden")


def add_login(provider: Provider, code: str = "0184", origin: str = ORIGIN) -> str:
    given = ("--issuer", provider.issuer, "--client-id", "klient", "--origin", origin, "--secret-file", "-")
    return sambruk(
        "municipality", "provider", code, "medarbetare", "Kommunens konto", *given, stdin=provider.secret
    )


def add_administrator(code: str = "0184") -> str:
    given = ("karin", "Karin Berg", "--unit", "kontaktcenter")
    return sambruk("municipality", "administrator", code, *given)


def test_from_an_empty_database_to_a_service_that_is_offered(empty: None, provider: Provider) -> None:
    add_municipality()
    assert f"{ORIGIN}/logga-in/svar/" in add_login(provider)
    assert f"{ORIGIN}/personal/logga-in/" in add_administrator()
    assert "är publicerad" in sambruk("service", "publish", "felanmalan", "--municipality", "0184")
    units = ("--unit", "kontaktcenter", "--unit", "field_worker=gata-park", "--parameter", "fix_days=10")
    assert "erbjuds nu" in sambruk("service", "adopt", "felanmalan", "--municipality", "0184", *units)

    browser = Browser(HOST)
    answer = browser.log_in(provider, {"sub": "karin", "acr": LOA3}, "/personal/logga-in/")
    assert (answer.status_code, answer["Location"]) == (302, "/handlaggning/")
    assert browser.get("/admin-kommun/").status_code == 200  # she can go on from there
    assert "/felanmalan" in Browser(HOST).get("/").content.decode()

    solna = Principal.objects.get(code="0184")
    with tenant_transaction(solna.pk):
        adoption = Adoption.objects.get()
        ids = {slug: str(key) for slug, key in Unit.objects.values_list("slug", "pk")}
        assert adoption.status == Adoption.Status.OFFERED
        assert adoption.units == {"default": ids["kontaktcenter"], "field_worker": ids["gata-park"]}
        assert adoption.parameters == {"fix_days": 10}
        events = dict(AuditEvent.objects.filter(actor_kind="system").values_list("event", "actor_name"))
    assert events["authority.added"] == "sambruk municipality authority"
    assert events["unit.added"] == "sambruk municipality unit"
    assert events["provider.added"] == "sambruk municipality provider"
    assert events["membership.added"] == "sambruk municipality administrator"
    assert events["service.published"] == "sambruk service publish"
    assert events["service.adopted"] == "sambruk service adopt"


def test_a_service_is_withdrawn_and_offered_again(empty: None) -> None:
    add_municipality()
    sambruk("service", "publish", "felanmalan", "--municipality", "0184")
    sambruk("service", "adopt", "felanmalan", "--municipality", "0184", "--unit", "kontaktcenter")

    def status() -> str:
        with tenant_transaction(Principal.objects.get(code="0184").pk):
            return Adoption.objects.get().status

    assert "stängd" in sambruk("service", "withdraw", "felanmalan", "--municipality", "0184")
    assert status() == Adoption.Status.PAUSED
    assert "öppen" in sambruk("service", "offer", "felanmalan", "--municipality", "0184")
    assert status() == Adoption.Status.OFFERED


def test_staff_of_another_principal_are_let_in_for_the_days_agreed(empty: None, provider: Provider) -> None:
    add_municipality()
    add_municipality("0180", "e.arkiv.localhost")
    for code, origin in (("0184", ORIGIN), ("0180", "http://e.arkiv.localhost:8000")):
        add_login(provider, code, origin)
    add_administrator("0180")
    last = today() + timedelta(days=30)
    who = ("--home", "0180", "--account", "karin")
    where = ("--unit", "kontaktcenter", "--role", "contact_centre", "--to", last.isoformat())
    sambruk("municipality", "grant", "0184", *who, *where, "--agreement", "KS 2026/12")
    solna = Principal.objects.get(code="0184")
    with tenant_transaction(solna.pk):
        grant = StaffGrant.objects.get()
        assert (grant.roles, grant.valid_from, grant.valid_to) == (["contact_centre"], today(), last)
        assert (grant.agreement, grant.authority_id) == ("KS 2026/12", Authority.objects.get().pk)
        assert StaffMember.objects.get().home_staff_id == grant.staff_id

    person = {"sub": "karin", "acr": LOA3}
    browser = Browser(HOST)
    assert browser.log_in(provider, person, "/personal/logga-in/")["Location"] == "/handlaggning/"
    assert browser.get("/handlaggning/").status_code == 200
    yesterday = (today() - timedelta(days=1)).isoformat()
    with pytest.raises(Invalid):  # a day before the grant began
        sambruk("municipality", "end-grant", "0184", *who, "--last-day", yesterday)
    sambruk("municipality", "end-grant", "0184", *who)
    with tenant_transaction(solna.pk):
        assert StaffGrant.objects.get().valid_to == today()
    with pytest.raises(OperationError, match="inget tillträde att avsluta"):
        sambruk("municipality", "end-grant", "0184", *who)


def test_what_is_not_there_is_named_and_nothing_is_half_done(empty: None, provider: Provider) -> None:
    with pytest.raises(OperationError, match="ingen kommun med koden 0184"):
        sambruk("municipality", "authority", "0184", "Socialnämnden")
    add_municipality()
    add_login(provider)
    refused: list[tuple[Callable[[], Any], type[SambrukError], str]] = [
        (lambda: add_login(provider), Conflict, "redan en inloggning"),
        (
            lambda: sambruk("municipality", "authority", "0184", "Tekniska nämnden"),
            Conflict,
            "redan en nämnd",
        ),
        (lambda: sambruk("municipality", "authority", "0184", "Ny", "--kind", "x"), Invalid, "Välj ett av"),
        (
            lambda: sambruk("municipality", "unit", "0184", "a", "A", "--authority", "Nej"),
            OperationError,
            "De som finns: Tekniska nämnden",
        ),
        (
            lambda: sambruk("municipality", "administrator", "0184", "eva", "Eva Ek", "--unit", "nej"),
            OperationError,
            "De som finns: gata-park, kontaktcenter",
        ),
        (
            lambda: sambruk("service", "adopt", "nej", "--municipality", "0184", "--unit", "gata-park"),
            NotFound,
            "är inte publicerad",
        ),
    ]
    for run, error, text in refused:
        with pytest.raises(error, match=text):
            run()
    with tenant_transaction(Principal.objects.get(code="0184").pk):
        assert (Authority.objects.count(), Unit.objects.count()) == (1, 2)
        assert IdentityProvider.objects.get().client_secret == provider.secret
        assert not StaffMember.objects.exists()


@pytest.mark.parametrize(
    "command",
    [
        *(f"municipality {name}" for name in ("authority", "unit", "provider", "administrator", "grant")),
        "municipality end-grant",
        *(f"service {name}" for name in ("publish", "adopt", "offer", "withdraw")),
    ],
)
def test_each_explains_itself(command: str) -> None:
    assert "KOD" in sambruk(*command.split(), "--help")


def test_a_service_with_faults_is_not_published(empty: None, tmp_path: Path) -> None:
    add_municipality()
    (tmp_path / "service.yaml").write_text("service: trasig\n")
    done = CliRunner().invoke(app, ["service", "publish", str(tmp_path), "--municipality", "0184"])
    assert done.exit_code == 1
    assert "service.yaml" in done.output
    assert not ServiceVersion.objects.exists()
