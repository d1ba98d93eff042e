"""Every address there is: its headers, its forms without a token, and anything at all that is sent to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attack.world import ANNAS_NUMBER, AsTenant, World, build
from tests.support import addresses, people

from sambruk.common.ids import uuid7
from sambruk.config.personal_pages import PERSONAL
from sambruk.platform.identity.roles import ROLES
from sambruk.platform.tenancy.models import Principal

ODD = (
    "", " ", "\0", "a\0b", "²", "-1", "9" * 400, "1e400", "NaN", "Infinity", "99999999999999999999,99", "١٢٣",
    "0,001", "1 000,5", "--5", ANNAS_NUMBER, "19900602-2398", "000000-0000", "199013456789", "2026-13-45",
    "0000-00", "99999-01-01", "2026-02-30", "9999-12", "\r\nSet-Cookie: a=b", "../../../etc/passwd",
    "a" * 5000, "🎈" * 300, "\u202egnp.exe", "\ufeff", "\ufffe", "<script>", "{{ 7*7 }}", "%s%n", "null",
    "[]",
    '{"a": 1}', "true", "yes", "no", "1", "0.0", "riksnorm", "';--", "\x1b[31m", "é" * 40, str(uuid7()),
    "incomes.0", "incomes.-1", "incomes.99999999999", "incomes.²", "incomes", "account_overview",
)  # fmt: skip
QUERY = (
    "q", "vy", "sida", "efter", "fore", "flik", "next", "niva", "idp", "som", "state", "code", "error",
    "page", "signatur", "kanal", "service", "unit", "sort", "tjanst", "status",
)  # fmt: skip
TEXTS = {
    "service_id": "felanmalan", "step_id": "situation", "address": "account_overview", "page": "boende",
    "command": "note", "submission_id": uuid7(),
    "subscription_id": uuid7(), "delivery_id": uuid7(), "staff_id": uuid7(),
    "membership_id": uuid7(), "unit_id": uuid7(), "client_id": uuid7(), "review_id": uuid7(),
    "mandate_id": uuid7(), "event_id": uuid7(), "person_id": uuid7(),
}  # fmt: skip
FROM_A_PROVIDER = "/logga-in/saml/svar/"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
pytestmark = pytest.mark.slow
BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and the names of its fields."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self._path, self._open = path, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._open = (values.get("method") or "get").lower() == "post"
            if self._open:
                self.found.append((values.get("action") or self._path, []))
        elif tag in ("input", "select", "textarea", "button") and self._open and values.get("name"):
            self.found[-1][1].append(str(values["name"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


@dataclass
class Everyone:
    """Those who look at every address: nobody in particular, Anna, her caseworker, somebody in every role."""

    world: World
    clients: dict[str, Client]

    def paths(self) -> list[str]:
        values = {**TEXTS, **self.world.ids}
        return [addresses.address(route, values) for route in addresses.all_routes()]


@pytest.fixture
def everyone(db: None, jarfalla: Principal, botkyrka: Principal, as_tenant: AsTenant) -> Everyone:
    world = build(jarfalla, botkyrka, as_tenant)
    with as_tenant(jarfalla):
        every = people.staff("eva", *ROLES, at=world.office.unit)
        clients = {
            "nobody": people.browser(jarfalla),
            "anna": world.annas,
            "caseworker": world.caseworker,
            "every role": people.browser(jarfalla, every),
        }
    return Everyone(world, clients)


def test_every_answer_carries_its_headers_and_no_address_a_personal_number(everyone: Everyone) -> None:
    seen: set[int] = set()
    for who, client in everyone.clients.items():
        for path in everyone.paths():
            response: Any = client.get(path)
            seen.add(response.status_code)
            assert response.status_code in (200, 302, 400, 401, 403, 404, 405, 409, 503), (who, path)
            assert response.status_code != 503 or path.endswith("logga-in/"), (who, path)
            policy = response.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy or "default-src 'none'" in policy, (who, path)
            assert "unsafe" not in policy, (who, path)
            for name, value in HEADERS.items():
                assert response.headers[name] == value, (who, path, name)
            if who != "nobody" or path.startswith(PERSONAL):
                kind = response.headers.get("Content-Type", "")
                kept = response.headers.get("Cache-Control", "")
                assert "html" not in kind or "no-store" in kept, (who, path, kept)
            html = b"".join(response.streaming_content) if response.streaming else response.content
            text = html.decode("utf-8", "replace")
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", text), (who, path)
            for link in re.findall(r'(?:href|src|action|hx-[a-z]+)="([^"]*)"', text):
                assert not re.search(r"(19|20)?900602-?2397", link), (who, path, link)
    assert {200, 302, 404, 405} <= seen


def test_no_address_that_is_read_ends_a_login(everyone: Everyone) -> None:
    """Nor one that no municipality answers for, such as health, or a file that is not there."""
    client = everyone.clients["anna"]
    for path in (*everyone.paths(), "/static/finns-inte.css", "/demo/", "/finns-inte/"):
        response: Any = client.get(path)
        cookie = response.cookies.get("sambruk_session")
        assert cookie is None or cookie.value, path
    assert client.get("/mina-sidor/").status_code == 200


def test_no_form_is_taken_without_its_token(everyone: Everyone) -> None:
    for who, client in everyone.clients.items():
        client.handler.enforce_csrf_checks = True
        for path in everyone.paths():
            response: Any = client.post(path, {"text": "hej"})
            if path.startswith("/api/"):
                # No cookie opens the API: there is nothing that another page could make a browser send.
                assert response.status_code in (400, 401, 403, 404, 405, 415, 422), (who, path)
                continue
            if path == FROM_A_PROVIDER:
                # Sent by the provider's page: what is in it is signed, and bound to the browser that asked.
                assert response.status_code == 400, (who, response.status_code)
                continue
            assert response.status_code == 403, (who, path, response.status_code)
            assert "Ingenting är skickat" in response.content.decode(), (who, path)


def forms_of(everyone: Everyone) -> list[tuple[str, str, list[str]]]:
    """Every form that anybody is shown, with the names of its fields."""
    found: dict[tuple[str, str], list[str]] = {}
    world = everyone.world
    steps = [f"/ansokan/{world.ids['draft_id']}/{one}/" for one in _steps()]
    for who, client in everyone.clients.items():
        for path in [*everyone.paths(), *world.pages, *steps]:
            if path.startswith(("/logga-ut/", "/api/", "/galleri/")) or str(world.ids["task_id"]) in path:
                continue
            response: Any = client.get(path)
            if response.status_code == 200 and "html" in response.headers["Content-Type"]:
                for action, names in Forms(response.content.decode(), path).found:
                    if "logga-ut" not in action:
                        found.setdefault((who, action), names)
    return [(who, action, names) for (who, action), names in found.items()]


def _steps() -> list[str]:
    from tests.platform.forms import household

    return [step for step, _data in household.steps()]


@pytest.fixture
def undone() -> Callable[[], Any]:
    """What one example does is undone before the next."""

    class Undone:
        def __enter__(self) -> None:
            self._atomic = transaction.atomic()
            self._atomic.__enter__()

        def __exit__(self, *_: object) -> None:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    return Undone


def test_whatever_is_sent_by_a_form_is_answered(everyone: Everyone, undone: Callable[[], Any]) -> None:
    forms = forms_of(everyone)
    assert len(forms) > 15, [one[:2] for one in forms]
    values = st.one_of(st.sampled_from(ODD), st.text(max_size=40))

    @BOUNDED
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        who, action, names = data.draw(st.sampled_from(forms))
        chosen = data.draw(st.lists(st.sampled_from(names or ["a"]), max_size=6))
        sent = {name: data.draw(values) for name in chosen}
        with undone():
            response: Any = everyone.clients[who].post(action, sent)
            assert response.status_code != 500, (who, action, sent)
            assert "Traceback" not in response.content.decode("utf-8", "replace")

    holds()


def test_every_form_with_every_field_odd(everyone: Everyone, undone: Callable[[], Any]) -> None:
    """Each form once with each odd value in all of its fields at once."""
    for number, (who, action, names) in enumerate(forms_of(everyone)):
        for value in ODD[number % 14 :: 14]:
            with undone():
                response: Any = everyone.clients[who].post(action, dict.fromkeys(names, value))
                assert response.status_code != 500, (who, action, value)


def test_whatever_stands_in_an_address_is_answered(everyone: Everyone, undone: Callable[[], Any]) -> None:
    routes = addresses.all_routes()
    values = st.one_of(st.sampled_from(ODD), st.text(max_size=30))

    @BOUNDED
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        client = everyone.clients[data.draw(st.sampled_from(sorted(everyone.clients)))]
        route = data.draw(st.sampled_from(routes))
        parts = {**TEXTS, **everyone.world.ids}
        for name, kind in addresses.parts_of(route).items():
            if kind == "str" and data.draw(st.booleans()):
                parts[name] = quote_plus(data.draw(values).replace("/", "")[:300] or "x")
        query = {data.draw(st.sampled_from(QUERY)): data.draw(values)[:2000] for _ in range(2)}
        path = f"{addresses.address(route, parts)}?{urlencode(query)}"
        with undone():
            response: Any = client.get(path)
            assert response.status_code != 500, path
            assert "\n" not in response.headers.get("Location", "")

    holds()


def test_a_sign_that_cannot_be_kept_is_refused_everywhere(everyone: Everyone) -> None:
    """NUL, in a form, in a query and in an address: PostgreSQL has no place for it."""
    case, client = everyone.world.case, everyone.clients["caseworker"]
    base = f"/handlaggning/arende/{case.pk}/"
    answers: list[Any] = [
        client.post(f"{base}gor/note/", {"text": "a\0b"}),
        client.post(f"/handlaggning/arenden/{case.pk}/meddelanden/", {"text": "a\0b"}),
        client.get("/handlaggning/", {"q": "a\0b"}),
        client.get("/handlaggning/palett/", {"q": "a\0b"}),
        client.get(f"{base}gor/a%00b/"),
        everyone.clients["anna"].post("/folj/", {"kod": "a\0b"}),
    ]
    for response in answers:
        assert response.status_code == 400, response.request["PATH_INFO"]
        assert "trasigt" in response.content.decode()


def test_bodies_that_cannot_be_read(everyone: Everyone) -> None:
    step = f"/ansokan/{everyone.world.ids['draft_id']}/situation/"
    note = f"/handlaggning/arende/{everyone.world.case.pk}/gor/note/"
    form = "application/x-www-form-urlencoded"
    for client, path in ((everyone.clients["anna"], step), (everyone.clients["caseworker"], note)):
        for body, kind in _broken_bodies(form):
            response: Any = client.generic("POST", path, body, content_type=kind)
            assert response.status_code in (302, 400, 413, 415, 422), (
                path,
                kind,
                body[:40],
                response.status_code,
            )
            if response.status_code >= 400:
                assert "<h1" in response.content.decode(), (path, kind)


def _broken_bodies(form: str) -> Iterator[tuple[bytes, str]]:
    yield b"livelihood=%FF%FE%00&text=%C3%28", form
    yield b"livelihood=\xff\xfe\xfd&text=\xc3\x28", form
    yield "text=åäö&livelihood=åäö".encode("latin-1"), f"{form}; charset=iso-8859-1"
    yield "text=å".encode("utf-16"), f"{form}; charset=utf-16"
    yield b"text=a", f"{form}; charset=finns-inte"
    yield b"&".join(b"f%d=1" % number for number in range(2500)), form
    yield b"text=" + b"a" * 3_000_000, form
    yield b"not multipart", "multipart/form-data; boundary=gräns".encode().decode("latin-1")
    yield b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf', "multipart/form-data; boundary=x"
    yield b"", "multipart/form-data"
    yield b"{}", "application/json"
    yield b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "jarfalla.localhost.evil.example", "evil.example:80",
        "jarfalla.localhost:80@evil.example", "jarfalla.localhost/../x", "[::1]", "[", "", " ", "a" * 300,
        "jarfalla.localhost\t", "järfälla.localhost", "xn--jrflla-bua.localhost", "127.0.0.1",
        "jarfalla.localhost:abc", "jarfalla.localhost, botkyrka.localhost",
    ],
)  # fmt: skip
def test_a_host_that_is_not_ours(db: None, host: str) -> None:
    client = Client()
    for path in ("/", "/logga-in/", "/tjanster/", "/api/v1/cases"):
        response: Any = client.get(path, headers={"host": host, "x-forwarded-host": "jarfalla.localhost"})
        assert response.status_code in (400, 404), (path, response.status_code)
        assert "evil.example" not in response.headers.get("Location", "")
        assert "Järfälla" not in response.content.decode()


def test_nothing_that_is_asked_for_leads_out_or_into_the_head(everyone: Everyone) -> None:
    outward = (
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:%20a=b", "/\r\nSet-Cookie: a=b", "https:evil.example",
        "/logga-in/\x00", "////evil.example",
    )  # fmt: skip
    for who, client in everyone.clients.items():
        for target in outward:
            for path in ("/logga-in/", "/personal/logga-in/"):
                response: Any = client.get(path, {"next": target})
                assert response.status_code != 500, (who, target)
                assert "evil.example" not in response.headers.get("Location", ""), (who, target)
                assert "a" not in response.cookies, (who, target)
                assert dict(parse_qsl(response.headers.get("Location", ""))).get("next") != target
