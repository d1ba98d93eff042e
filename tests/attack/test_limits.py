"""Whoever tries too often is told to wait, whichever process answers, and nobody else is."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.attack.conftest import FACTOR, Open
from tests.platform.forms.conftest import browser, offered
from tests.platform.forms.test_report import begin, fill

from sambruk.config import rate_limits
from sambruk.config.rate_limits import RULES, Rule
from sambruk.platform.api import limits
from sambruk.platform.api.limits import Asked, Limit
from sambruk.platform.api.models import RateCount
from sambruk.platform.cases.models import Case

__all__ = ["browser", "offered"]

DRAFT = "01a20fb4-3b4d-716a-b9f0-dec03c6ef73d"
#: A request for each rule that is counted by address alone or also by target.
TRIED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "login": ("GET", "/logga-in/", {}),
    "saml": ("POST", "/logga-in/saml/svar/", {"data": {"SAMLResponse": "x"}}),
    "token": ("POST", "/api/v1/token", {"data": {"grant_type": "client_credentials", "client_id": "x"}}),
    "code": ("POST", "/folj/", {"data": {"kod": "K7QF-3MXP-92"}}),
    "begin": ("POST", "/tjanster/felanmalan/borja/", {}),
    "upload": ("POST", f"/ansokan/{DRAFT}/fil/photo/", {"files": {"photo": ("a.png", b"x")}}),
}


def rule_of(name: str) -> Rule:
    return next(rule for rule in RULES if rule.per_address.name == name)


def tries(client: httpx.Client, name: str, times: int, draft: str = DRAFT) -> list[httpx.Response]:
    """Ask several times at once, as a program does."""
    method, path, more = TRIED[name]
    with ThreadPoolExecutor(4) as pool:
        return list(
            pool.map(lambda _: client.request(method, path.replace(DRAFT, draft), **more), range(times))
        )


@pytest.fixture(autouse=True)
def nobody_is_past_a_limit() -> None:
    limits.forget()


def test_every_rule_is_tried() -> None:
    assert {rule.per_address.name for rule in RULES} == set(TRIED)


@pytest.mark.parametrize("name", list(TRIED))
def test_one_address_is_counted_over_all_processes(open_web: Open, name: str) -> None:
    rule = rule_of(name)
    # What is tried here has one target: a draft's own limit comes first.
    most = int(min(one.most for one in (rule.per_address, rule.per_target) if one is not None) * FACTOR)
    number = list(TRIED).index(name)
    with open_web.at(f"203.0.113.{number}") as client:
        statuses = [answer.status_code for answer in tries(client, name, most + 6)]
    # The window may turn in the middle, once: then twice as many are let through, never more.
    assert 429 in statuses or len(statuses) <= 2 * most
    assert most <= len([status for status in statuses if status != 429]) <= 2 * most
    with open_web.at(f"198.51.100.{number}") as other:
        assert tries(other, name, 1, draft=DRAFT[::-1])[0].status_code != 429


def until_refused(client: httpx.Client, name: str) -> httpx.Response:
    for _ in range(80):
        answer = tries(client, name, 1)[0]
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


def test_a_person_reads_a_page_that_says_when(open_web: Open) -> None:
    with open_web.at("203.0.113.100") as client:
        answer = until_refused(client, "code")
    assert 1 <= int(answer.headers["Retry-After"]) <= 600
    assert "Vänta en liten stund" in answer.text
    assert "Järfälla" in answer.text
    assert re.search(r"Vänta (en minut|\d+ minuter) och försök igen", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


def test_a_program_gets_a_problem(open_web: Open) -> None:
    with open_web.at("203.0.113.101") as client:
        answer = until_refused(client, "token")
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] in body["detail"]
    assert answer.headers["X-Api-Version"] == "1.0.0"


def test_what_is_made_up_before_the_proxy_s_own_word_is_not_believed(open_web: Open) -> None:
    """The one who asks writes the beginning of X-Forwarded-For; the proxy adds whom it saw."""
    answers = []
    for number in range(2 * int(rule_of("begin").per_address.most * FACTOR) + 2):
        with open_web.at(f"192.0.2.{number}, 203.0.113.102") as client:
            answers.append(tries(client, "begin", 1)[0].status_code)
    assert 429 in answers


def test_one_subscriber_s_addresses_are_one(open_web: Open) -> None:
    statuses = []
    for number in range(2 * int(rule_of("begin").per_address.most * FACTOR) + 2):
        with open_web.at(f"2001:db8::{number:x}") as client:
            statuses.append(tries(client, "begin", 1)[0].status_code)
    assert 429 in statuses


def token_of(open_web: Open, client: httpx.Client, name: str, secret: str) -> str:
    sent = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    answer = client.post("/api/v1/token", data=sent)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_a_client_is_counted_whatever_its_token_and_address(open_web: Open) -> None:
    """What was refused and undone (404) is counted too."""
    name, secret = open_web.connect("case.read")
    other, others_secret = open_web.connect("case.read")
    with open_web.at("203.0.113.103") as client:
        tokens = [token_of(open_web, client, name, secret) for _ in range(2)]
        third = token_of(open_web, client, other, others_secret)
    most = int(rate_limits.CLIENT.most * FACTOR)
    statuses: list[int] = []
    for number, token in enumerate(tokens):
        with open_web.at(f"203.0.113.{110 + number}", authorization=f"Bearer {token}") as client:
            ask = client.get
            with ThreadPoolExecutor(4) as pool:
                found = pool.map(lambda _, ask=ask: ask(f"/api/v1/cases/{DRAFT}"), range(most + 20))
                statuses += [one.status_code for one in found]
    assert set(statuses) == {404, 429}
    # Each process learns of it at its own next request with each token; and the window may turn once.
    assert statuses.count(404) <= 2 * (most + 8)
    with open_web.at("203.0.113.112", authorization=f"Bearer {third}") as client:
        assert client.get(f"/api/v1/cases/{DRAFT}").status_code == 404


def test_tokens_that_do_not_hold_are_counted_by_address(open_web: Open) -> None:
    statuses = []
    for number in range(2 * int(rate_limits.REFUSED.most * FACTOR) + 8):
        with open_web.at("203.0.113.120", authorization=f"Bearer {number:043}") as client:
            statuses.append(client.get("/api/v1/cases").status_code)
    assert set(statuses) == {401, 429}


def test_nothing_of_anybody_is_kept(open_web: Open) -> None:
    with open_web.at("203.0.113.130") as client:
        tries(client, "begin", 1)
    rows = open_web.admin.execute("SELECT key, count, ends_at FROM api_ratecount").fetchall()
    assert rows
    assert all(re.fullmatch("[0-9a-f]{64}", row[0]) for row in rows)
    kept = open_web.admin.execute(
        "SELECT relpersistence::text FROM pg_class WHERE relname = 'api_ratecount'"
    ).fetchone()
    assert kept == ("u",)


# -- inside one process


def test_a_report_and_what_is_read_pay_no_statement(
    offered: None, browser: Callable[..., Client], settings: Any
) -> None:
    settings.RATE_LIMITS = 1.0
    client = browser()
    address = begin(client)
    with CaptureQueriesContext(
        connection,
    ) as made:
        fill(client, address)
        client.post(f"{address}granska/")
        client.get("/tjanster/")
    assert Case.objects.count() == 1
    assert not [one for one in made.captured_queries if "ratecount" in one["sql"]]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[float], None]:
    settings.RATE_LIMITS = 1.0

    def set_to(moment: float) -> None:
        monkeypatch.setattr(limits.time, "time", lambda: moment)

    return set_to


@pytest.mark.django_db
def test_a_window_ends_and_its_rows_are_forgotten(at: Callable[[float], None]) -> None:
    asked = [Asked(Limit("prov", 2, 60), "203.0.113.9")]
    at(1_000_000_020.0)
    assert [limits.count(asked) for _ in range(3)] == [0, 0, 61 - 1_000_000_020 % 60]
    assert limits.wait(asked) > 0
    with CaptureQueriesContext(connection) as made:
        assert limits.count(asked) > 0
    assert len(made) == 0, "a flood must cost the database nothing"
    at(1_000_000_080.0)
    assert limits.count(asked) == 0
    assert RateCount.objects.count() == 2
    assert limits.sweep() == 2


@pytest.mark.django_db
def test_several_are_counted_in_one_statement(at: Callable[[float], None]) -> None:
    at(1_000_000_000.0)
    asked = [Asked(Limit("one", 9, 60), "a"), Asked(Limit("other", 1, 60), "b")]
    with CaptureQueriesContext(connection) as made:
        assert limits.count(asked) == 0
    assert len(made) == 1
    assert limits.count(asked) > 0


def test_a_database_that_is_away_refuses_nobody(settings: Any) -> None:
    """No database is asked for here: the count fails, and the request goes on to meet the fault itself."""
    settings.RATE_LIMITS = 1.0
    assert limits.count([]) == 0
