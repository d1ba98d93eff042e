"""`bench lists`: inbox, search and case page with many cases; half of them lie in one municipality."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from rich.console import Console

from sambruk.operations.bench.report import Row, memory_mib, publish, row
from sambruk.operations.bench.site import Site, installation, web

#: Words of the made-up titles; a search finds roughly one case in forty.
WORDS = (
    "gatlampa", "papperskorg", "lekplats", "trottoar", "cykelväg", "busskur", "parkbänk", "vägskylt",
    "brunnslock", "häck", "gångtunnel", "klotter", "snöröjning", "halka", "träd", "bro", "soptunna", "staket",
    "ledstång", "refug", "asfalt", "kantsten", "dagvatten", "belysning", "trafiksignal", "rondell",
    "farthinder", "pollare", "fontän", "staty", "bryggan", "badplats", "hundrastgård", "grillplats", "utegym",
    "skatepark", "tennisbana", "isbana", "pulkabacke", "koloniområde",
)  # fmt: skip
HOST = "m{:03d}.localhost"


def measure(*, json_file: Path | None, seconds: float, clients: int, cases: int, municipalities: int) -> int:
    """Run the benchmark and print its table. Returns the exit status: 1 if any request failed."""
    console = Console(stderr=True)
    with installation() as site:
        begun = time.monotonic()
        sizes = [cases // 2] + [cases // 2 // (municipalities - 1)] * (municipalities - 1)
        for number, size in enumerate(sizes):
            _fill(site, number, size)
            console.print(f"  kommun {number + 1} av {municipalities}: {size} ärenden", highlight=False)
        _analyse(site)
        console.print(f"data på {time.monotonic() - begun:.0f} s", highlight=False)
        with web(site):
            rows = _measure_all(site, clients, seconds)
            memory = memory_mib({"webb": site.web_pid, "databas": site.database_pid})
        publish("lists", rows, memory, json_file, [f"kallstart av webben {site.cold_start:.2f} s"])
    return 1 if any(one.errors for one in rows) else 0


def _fill(site: Site, number: int, size: int) -> None:
    """Make a municipality with its service, one agent, and `size` cases in one of its units."""
    from sambruk.common.actor import system_actor
    from sambruk.operations.municipalities import add_principal
    from sambruk.platform.definitions import actions, effective
    from sambruk.platform.definitions.load import load_folder
    from sambruk.platform.identity.models import Unit
    from sambruk.platform.identity.permissions import Permission
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Authority, Hostname

    add_principal(code=f"{9000 + number}", name=f"Mätkommun {number}", hosts=[HOST.format(number)])
    principal_id = Hostname.objects.get(host=HOST.format(number)).principal_id
    with tenant_transaction(principal_id):
        from django.conf import settings

        by = system_actor(principal_id, "bench", frozenset(map(str, Permission)))
        authority = Authority.objects.create(name="Tekniska nämnden", kind="technical")
        unit = Unit.objects.create(slug="gata", name="Gata", authority=authority)
        actions.publish_loaded(loaded=load_folder(settings.SERVICES_DIR / "felanmalan"), by=by)
        actions.adopt(service="felanmalan", units={"default": unit.pk}, by=by)
        offered = effective.for_service("felanmalan")
        started = offered.process.start({"dangerous": False, "offensive": False}, offered.parameters)
    with psycopg.connect(site.urls.owner) as connection:
        _insert(connection, principal_id, unit.pk, authority.pk, offered.hash, started.state, size)


CASES = """
INSERT INTO cases_case (tenant_id, id, year, serial, service_id, title, definition_hash, authority_id,
    unit_id, station, secrecy, channel, opened_at, due_on, outcome, disposal_fault, process_state, revision,
    code_hash, search_text)
SELECT %(tenant)s, uuidv7(make_interval(secs => -n * 60)), 2026, %(size)s - n, 'felanmalan',
    initcap(w.word) || ' på Storgatan ' || n, %(hash)s, %(authority)s, %(unit)s, 'submitted', 'public', 'web',
    now() - make_interval(mins => n), date '2026-11-01' + (n %% 120), '', '', %(state)s::jsonb, 1, '',
    w.word || ' Storgatan ' || n || ' Felanmälan gata och park'
FROM generate_series(0, %(size)s - 1) AS n
CROSS JOIN LATERAL (SELECT (%(words)s::text[])[1 + (n * 7919) %% %(count)s] AS word) AS w
"""
PARTIES = """
INSERT INTO cases_party (tenant_id, id, case_id, role, name, contact, represented_by)
SELECT tenant_id, uuidv7(), id, 'reporter', 'Anmälare ' || serial, '{}', '' FROM cases_case
WHERE tenant_id = %(tenant)s
"""
TASKS = """
INSERT INTO cases_task (tenant_id, id, case_id, element, spiff_id, title, done_by_kind, role, unit_id, state,
    opened_at, due_on, done_by, data)
SELECT tenant_id, uuidv7(), id, 'sort', %(instance)s, 'Sortera anmälan', 'staff', 'contact_centre', unit_id,
    'open', opened_at, due_on, '', '{}' FROM cases_case WHERE tenant_id = %(tenant)s
"""
LOGS = """
INSERT INTO cases_logentry (tenant_id, id, case_id, at, kind, text, by_name, by_kind, visible_to_resident)
SELECT tenant_id, uuidv7(), id, opened_at, 'case.opened', 'Ärendet kom in.', 'Anonym', 'anonymous', true
FROM cases_case WHERE tenant_id = %(tenant)s
"""


def _insert(
    connection: psycopg.Connection[Any],
    tenant: UUID,
    unit: UUID,
    authority: UUID,
    definition: str,
    state: dict[str, Any],
    size: int,
) -> None:
    from psycopg.types.json import Jsonb

    values = {
        "tenant": tenant, "unit": unit, "authority": authority, "hash": definition, "state": Jsonb(state),
        "size": size, "words": list(WORDS), "count": len(WORDS), "instance": "bench",
    }  # fmt: skip
    for statement in (CASES, PARTIES, TASKS, LOGS):
        connection.execute(statement, values)
    connection.commit()


def _analyse(site: Site) -> None:
    with psycopg.connect(site.urls.owner, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _measure_all(site: Site, clients: int, seconds: float) -> list[Row]:
    """Measure each page for the big municipality, right beside its floor."""
    from sambruk.platform.cases.models import Case
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Hostname

    principal = Hostname.objects.get(host=HOST.format(0)).principal_id
    with tenant_transaction(principal):
        cookie, unit = _log_in()
        ordered = Case.objects.order_by("due_on", "id")
        deep = min(49_999, ordered.count() - 60)
        last = ordered[deep]
        some = list(Case.objects.values_list("id", flat=True)[:4000:10])
    day, key = last.due_on, last.pk

    def page(path: str, expect: str = "Enhetens") -> list[dict[str, Any]]:
        return [{"host": HOST.format(0), "path": path, "cookie": cookie, "expect": expect}]

    inbox = [("inkorg, sida 1", page("/handlaggning/?vy=unit"), _list_floor(unit, None, None))]
    inbox.append(
        (
            f"inkorg, sida {deep // 50 + 1}",
            page(f"/handlaggning/?vy=unit&efter={day.isoformat()}_{key}"),
            _list_floor(unit, day, key),
        )
    )
    searches = [one for word in WORDS for one in page(f"/handlaggning/?vy=unit&sok={word}")]
    cases = [one for case in some for one in page(f"/handlaggning/arende/{case}/", "Gör nu")]
    rows = []
    for name, requests, floor in (
        *inbox,
        ("sökning", searches, _search_floor(unit)),
        ("ärendesida", cases, _case_floor(some)),
    ):
        ground = _floor(site, principal, name, floor, clients, seconds)
        got = site.load(requests, clients=clients, seconds=seconds)
        if got["first_error"]:
            Console(stderr=True).print(f"{name}: {got['first_error']}", highlight=False, markup=False)
        rows.append(row(name, clients, got["times"], got["errors"], got["seconds"], ground))
    return rows


def _log_in() -> tuple[str, UUID]:
    """Return the cookie of a new agent of the current tenant, and the agent's unit."""
    from sambruk.platform.identity import sessions
    from sambruk.platform.identity.models import IdentityProvider, Membership, StaffMember, Unit

    provider = IdentityProvider.objects.create(
        slug="bench", name="Mätning", purpose="staff", issuer="https://login.example", client_id="bench",
        redirect_base="https://bench.example",
    )  # fmt: skip
    agent = StaffMember.objects.create(provider=provider, subject="bench", name="Mätare")
    unit = Unit.objects.get(slug="gata")
    Membership.objects.create(staff=agent, unit=unit, role="contact_centre", valid_from=date(2020, 1, 1))
    _, key = sessions.start(account=agent, provider=provider, assurance=3, old_key=None)
    return f"{sessions.COOKIE}={key}", unit.pk


Query = Callable[[psycopg.Cursor[Any], int], None]

LIST = """
SELECT c.id, c.year, c.serial, c.title, c.station, c.due_on, p.name, t.title FROM cases_case c
LEFT JOIN cases_party p ON (p.tenant_id, p.case_id) = (c.tenant_id, c.id)
LEFT JOIN cases_task t ON (t.tenant_id, t.case_id) = (c.tenant_id, c.id) AND t.state = 'open'
WHERE c.unit_id = %s AND c.closed_at IS NULL AND c.secrecy <> 'protected' {}
ORDER BY c.due_on, c.id LIMIT 51
"""


def _list_floor(unit: UUID, day: date | None, key: UUID | None) -> Query:
    def run(cursor: psycopg.Cursor[Any], number: int) -> None:
        if day is None:
            cursor.execute(LIST.format(""), [unit])
        else:
            cursor.execute(LIST.format("AND (c.due_on, c.id) > (%s, %s)"), [unit, day, key])
        cursor.fetchall()

    return run


def _search_floor(unit: UUID) -> Query:
    def run(cursor: psycopg.Cursor[Any], number: int) -> None:
        cursor.execute(
            "SELECT c.id, c.title, c.due_on, p.name FROM cases_case c "
            "LEFT JOIN cases_party p ON (p.tenant_id, p.case_id) = (c.tenant_id, c.id) "
            "WHERE c.id = ANY(ARRAY(SELECT id FROM cases_search(%s, 'unit', ARRAY[%s], NULL, 200))) "
            "ORDER BY c.due_on, c.id LIMIT 51",
            [WORDS[number % len(WORDS)], unit],
        )
        cursor.fetchall()

    return run


def _case_floor(cases: list[UUID]) -> Query:
    def run(cursor: psycopg.Cursor[Any], number: int) -> None:
        case = cases[number % len(cases)]
        cursor.execute("SELECT * FROM cases_case WHERE id = %s", [case])
        for table in ("cases_party", "cases_task", "cases_application", "cases_logentry"):
            cursor.execute(f"SELECT * FROM {table} WHERE case_id = %s", [case])  # noqa: S608 - names above
            cursor.fetchall()

    return run


def _floor(site: Site, tenant: UUID, name: str, query: Query, clients: int, seconds: float) -> Row:
    """The same page by plain SQL, as the application's role, over as many connections."""
    times: list[float] = []
    faults: list[psycopg.Error] = []
    end = time.perf_counter() + min(seconds, 5.0)

    def ask(first: int) -> None:
        with psycopg.connect(site.urls.application) as connection:
            number = first
            while (begun := time.perf_counter()) < end:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('sambruk.tenant', %s, true)", [str(tenant)])
                    query(cursor, number)
                times.append(time.perf_counter() - begun)
                number += clients

    def client(first: int) -> None:
        try:
            ask(first)
        except psycopg.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return row(name, clients, times, 0, min(seconds, 5.0))
