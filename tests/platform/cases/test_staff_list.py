"""The staff's list: what rows show, that pages follow on each other, and that size costs no statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.support import people

from sambruk.common.actor import Actor
from sambruk.common.calendar import now, today
from sambruk.common.errors import Invalid
from sambruk.common.ids import uuid7
from sambruk.platform.cases import list_statement, queries, staff_list
from sambruk.platform.cases.list_statement import Shape, Statement, View, page_statement
from sambruk.platform.cases.models import Case, Party, Task
from sambruk.platform.cases.sql import SEARCH
from sambruk.platform.identity import protection
from sambruk.platform.identity.models import Membership, Unit
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal


@pytest.fixture
def unit(tenant: Principal) -> Unit:
    return people.unit()


@pytest.fixture
def karin(unit: Unit) -> Actor:
    return people.actor(people.staff("karin", "caseworker"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages of three, and a search that considers one hit; statements made with them are forgotten after."""
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    monkeypatch.setattr(list_statement, "SEARCH_CAP", 1)
    list_statement.page_statement.cache_clear()
    yield
    list_statement.page_statement.cache_clear()


def task(case: Case, title: str, kind: str = "staff", minutes: int = 0, state: str = "open") -> Task:
    at = now() + timedelta(minutes=minutes)
    return Task.objects.create(
        case=case, element="e", spiff_id=str(uuid7()), title=title, done_by_kind=kind, state=state,
        opened_at=at, done_at=None if state == "open" else at,
    )  # fmt: skip


def numbers(page: queries.Page) -> list[int]:
    return [int(case.number[-6:]) for case in page.cases]


def test_a_row_shows_parties_next_step_and_who_works_with_it(unit: Unit, karin: Actor) -> None:
    case = people.case(people.person("Anna"), people.person("Bo"), assignee_id=karin.id)
    Party.objects.create(case=case, role="other", name="Hyresvärden AB")
    task(case, "Skicka", "system", -3)
    task(case, "Gammalt", minutes=-2, state="done")
    task(case, "Beräkna", minutes=1)
    task(case, "Granska")
    [row] = queries.staff_list(karin, view="mine").cases
    assert row.parties == ("Anna Andersson", "Bo Andersson", "Hyresvärden AB")
    assert (row.next_step, row.assignee, row.number) == ("Granska", "Karin", "2026-000001")
    assert row.is_open
    assert row.marks == ()


def test_a_protected_name_is_hidden_until_it_was_opened(unit: Unit) -> None:
    protected = people.person("Siv", protection="sekretess")
    people.case(protected)
    berit = people.actor(people.staff("berit", "decision_maker"))
    [row] = queries.staff_list(berit, view="unit").cases
    assert row.parties == ("Skyddad identitet",)
    has_opened = replace(berit, permissions=berit.permissions | {protection.opened(protected.pk)})
    [row] = queries.staff_list(has_opened, view="unit").cases
    assert row.parties == ("Siv Andersson",)


def test_nobody_without_a_unit_sees_anything(
    unit: Unit, django_assert_num_queries: Any, karin: Actor
) -> None:
    people.case(people.person())
    stranger = people.actor(people.staff("ali"))
    resident = people.actor(people.person("Nils"))
    with django_assert_num_queries(0):
        for actor in (stranger, resident):
            assert queries.staff_list(actor, view="unit").cases == []
            assert set(queries.view_counts(actor).values()) == {0}
    elsewhere = people.actor(people.staff("eva", "caseworker", at=people.unit("gata", "technical")))
    # The same statement was just asked for karin's unit: it keeps nobody's values.
    assert len(queries.staff_list(karin, view="unit").cases) == 1
    assert queries.staff_list(elsewhere, view="unit").cases == []
    both = people.staff("siv", "caseworker")
    Membership.objects.create(
        staff=both, unit=people.unit("gata", "technical"), role="caseworker", valid_from=today()
    )
    assert len(queries.staff_list(people.actor(both), view="unit").cases) == 1


def test_a_protected_case_is_for_those_who_may_open_it(unit: Unit, karin: Actor) -> None:
    people.case(people.person(), secrecy="protected")
    berit = people.actor(people.staff("berit", "decision_maker"))
    assert queries.staff_list(karin, view="unit").cases == []
    assert len(queries.staff_list(berit, view="unit").cases) == 1
    assert queries.view_counts(karin)["unit"] == 0
    assert queries.view_counts(berit)["unit"] == 1


@pytest.mark.parametrize("view", ["unit", "closed"])
def test_pages_follow_on_each_other(few: None, unit: Unit, karin: Actor, view: View) -> None:
    closed = {"station": "closed", "closed_at": now(), "disposal_on": today()} if view == "closed" else {}
    for serial in range(1, 8):
        # Two share each day: the id decides between them.
        people.case(serial=serial, due_on=today() + timedelta(days=serial // 2), **closed)
    expected = list(range(1, 8)) if view == "unit" else list(range(7, 0, -1))
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        page = queries.staff_list(karin, view=view, after=after)
        assert page.first == (not seen)
        assert 1 <= len(page.cases) <= 3
        seen += numbers(page)
        after = page.after
    assert seen == expected


def test_each_view_and_filter_holds_what_it_says(unit: Unit, karin: Actor) -> None:
    late = today() - timedelta(days=1)
    people.case(serial=1, due_on=late)
    people.case(serial=2, assignee_id=karin.id)
    people.case(serial=3, assignee_id=karin.id, station="waiting")
    people.case(serial=4, service_id="felanmalan")
    people.case(serial=5, station="closed", closed_at=now(), disposal_on=today())

    def found(view: View, **filters: Any) -> list[int]:
        return sorted(numbers(queries.staff_list(karin, view=view, **filters)))

    views: dict[View, list[int]] = {"mine": [2, 3], "inbox": [1, 4], "unit": [1, 2, 3, 4], "waiting": [3]}
    assert {view: found(view) for view in views} == views
    assert queries.view_counts(karin) == {view: len(cases) for view, cases in views.items()}
    assert found("closed") == [5]
    assert found("unit", overdue=True) == [1]
    assert found("unit", service="felanmalan") == [4]
    assert found("unit", search=" 2026-000003 ") == [3]
    assert found("unit", search="2026-77") == []


def test_more_than_are_counted_is_told_as_more() -> None:
    assert [staff_list._count(n) for n in (None, 0, 200, 201)] == [None, 0, 200, "200+"]


def test_a_token_that_is_not_ours_is_told(karin: Actor) -> None:
    with pytest.raises(Invalid):
        queries.staff_list(karin, view="unit", after="igår_x")


def test_words_are_found_in_swedish_and_ones_own_old_case_among_others_new(
    few: None, unit: Unit, karin: Actor
) -> None:
    old = now() - timedelta(days=300)
    text = {"search_text": "Trasiga gatlampor på Storgatan"}
    people.case(serial=1, opened_at=old, assignee_id=karin.id, **text)
    people.case(serial=2, at=people.unit("gata", "technical"), **text)
    people.case(serial=3, **text)
    people.case(serial=4, station="closed", closed_at=now(), disposal_on=today(), **text)
    # Only the latest hit is considered (``few``), of those that the view can hold.
    assert numbers(queries.staff_list(karin, view="unit", search="gatlampa")) == [3]
    assert numbers(queries.staff_list(karin, view="mine", search="gatlampa")) == [1]
    assert numbers(queries.staff_list(karin, view="closed", search="gatlampa")) == [4]
    assert numbers(queries.staff_list(karin, view="unit", search="gatlampa -storgatan")) == []


def test_the_page_asks_as_many_statements_for_sixty_cases_as_for_one(unit: Unit, tenant: Principal) -> None:
    browser = people.browser(tenant, people.staff("karin", "caseworker"))
    browser.get("/handlaggning/")
    asked = []
    for serials in (range(1, 2), range(2, 61)):
        for serial in serials:
            case = people.case(*([people.person()] if serial < 10 else []), serial=serial)
            task(case, "Granska")
        for path in ("/handlaggning/?vy=unit", "/handlaggning/?vy=unit&sok=bistånd"):
            with CaptureQueriesContext(connection) as statements:
                assert browser.get(path).status_code == 200
            asked.append((len(statements), sum("cases_case" in one["sql"] for one in statements)))
    # Of cases: the page and the views' counts. Beside them: session, services, the tenant's transaction.
    assert len(set(asked)) == 1, asked
    assert asked[0][1] == 2
    assert asked[0][0] <= 8


@pytest.mark.parametrize(
    ("role", "leads"),
    [("decision_maker", ["unit"]), ("contact_centre", ["inbox", "unit"])],
)
def test_an_empty_view_says_where_there_is_something(
    unit: Unit, karin: Actor, tenant: Principal, role: str, leads: list[str]
) -> None:
    browser = people.browser(tenant, people.staff("siv", role))
    assert 'vy=unit">Enhetens' not in _empty_part(browser.get("/handlaggning/"))
    people.case(serial=1, assignee_id=karin.id if leads == ["unit"] else None)
    part = _empty_part(browser.get("/handlaggning/"))
    assert "Här är det tomt" in part
    for view in queries.COUNTED:
        link = f'<a class="ds-link" href="/handlaggning/?vy={view}">{queries.VIEWS[view]}</a>'
        assert (f'{link} <span class="sb-count">1</span>' in part) == (view in leads), view


def _empty_part(answer: Any) -> str:
    return str(answer.content.decode()).partition('<div class="sb-empty">')[2].partition("</div>")[0]


def test_the_palette_finds_what_is_closed_by_number_and_by_name(unit: Unit, tenant: Principal) -> None:
    browser = people.browser(tenant, people.staff("karin", "caseworker"))
    closed = people.case(
        serial=7, station="closed", closed_at=now(), disposal_on=today(), search_text="Anna Lindqvist"
    )
    opened = people.case(serial=8, search_text="Anna Lindqvist")

    def found(words: str) -> list[str]:
        items = browser.get("/handlaggning/palett/", {"q": words}).json()["items"]
        return [item["url"] for item in items]

    assert found("2026-000007") == [f"/handlaggning/arende/{closed.pk}/"]
    assert found("lindqvist") == [f"/handlaggning/arende/{opened.pk}/", f"/handlaggning/arende/{closed.pk}/"]
    assert found("2026-000099") == []


FILL = """
INSERT INTO cases_case (tenant_id, id, year, serial, service_id, title, definition_hash, unit_id, assignee_id,
    station, secrecy, channel, opened_at, due_on, closed_at, disposal_on, outcome, disposal_fault,
    process_state, revision, code_hash, search_text)
SELECT %(tenant)s, uuidv7(make_interval(secs => -n)), 2026, n, 'felanmalan', '', '',
    CASE WHEN n %% 7 < 2 THEN %(unit0)s::uuid ELSE %(other)s END,
    CASE WHEN n %% 500 = 0 THEN NULL WHEN n %% 50 = 1 THEN %(actor)s::uuid ELSE %(bo)s END,
    CASE WHEN n %% 2 = 0 THEN 'closed' WHEN n %% 501 = 0 THEN 'waiting' ELSE 'submitted' END, 'public', 'web',
    now() - make_interval(mins => n), date '2026-11-01' + n %% 90, CASE WHEN n %% 2 = 0 THEN now() END,
    CASE WHEN n %% 2 = 0 THEN date '2031-01-01' END, '', '', '{}', 1, '',
    CASE WHEN n %% 100 = 0 THEN 'trasig gatlampa' ELSE 'hål i vägen' END
FROM generate_series(1, 6000) AS n
"""


INDEXES = {
    "unit": "case_open_unit",
    "inbox": "case_open_untaken",
    "mine": "case_open_assignee",
    "waiting": "case_open_waiting",
    "closed": "case_closed_unit",
}


def test_every_view_and_the_search_reach_their_index(
    committed_db: str, settings: Any, jarfalla: Principal
) -> None:
    """Row security lets only leakproof operators reach an index: each page begins where its index has it."""
    with tenant_transaction(jarfalla.pk):
        karin = people.staff("karin", "caseworker")
        given = {
            "unit0": people.unit().pk, "actor": karin.pk, "day": date(2026, 12, 1), "key": uuid7(),
            "other": people.unit("gata", "technical").pk, "tenant": jarfalla.pk,
            "bo": people.staff("bo").pk, "words": "gatlampa",
        }  # fmt: skip
    with psycopg.connect(settings.OWNER_DATABASE_URL, autocommit=True) as owner:
        owner.execute(FILL, given)
        owner.execute("ANALYZE")
        body = SEARCH.split("AS $$")[1].split("$$")[0]
        body = body.replace("ANY (units)", "ANY (ARRAY[%(unit0)s, %(other)s]::uuid[])").replace(
            "me\n", "%(actor)s\n"
        )
        for name, value in {"words)": "'gatlampa')", "CASE view": "CASE 'unit'", "(view": "('unit'"}.items():
            body = body.replace(name, value)
        with owner.transaction():
            owner.execute("SELECT set_config('sambruk.tenant', %s, true)", [str(jarfalla.pk)])
            cursor = psycopg.ClientCursor(owner)
            cursor.execute(f"EXPLAIN (COSTS OFF) {body.replace('most', '200')}", given)
            assert "Bitmap Index Scan on case_search" in "\n".join(str(row[0]) for row in cursor)
    for view, index in INDEXES.items():
        for after in (False, True):
            shape = Shape(cast(View, view), False, False, "", after, 1, 0, 51)
            with tenant_transaction(jarfalla.pk):
                plan = explain(page_statement(shape), given)
            assert f"using {index} on" in plan or f"Scan Backward using {index} on" in plan, plan
            assert "Sort Key: cases_case.due_on" not in plan, plan
            assert ("Index Cond: " in plan and "ROW(due_on, id)" in plan) == after, plan

    # Several units together are read in the order of all, and a search by the ids that it found.
    with tenant_transaction(jarfalla.pk):
        several = page_statement(Shape("unit", False, False, "", False, 2, 0, 51))
        found = page_statement(Shape("unit", False, False, "words", False, 2, 0, 51))
        plan = explain(several, {**given, "unit1": given["other"]})
        assert "using case_open on" in plan, plan
        assert "Sort Key: cases_case.due_on" not in plan, plan
        assert "id = ANY ((InitPlan" in explain(found, {**given, "unit1": given["other"]})
        assert not several.kept
        assert not found.kept


def explain(statement: Statement, given: Mapping[str, Any]) -> str:
    """The plan of a statement, as the application's role."""
    made = Statement(f"EXPLAIN (COSTS OFF) {statement.sql}", statement.names, kept=False)
    return "\n".join(str(row[0]) for row in made.rows(given))
