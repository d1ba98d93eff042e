"""No personal number and no secret reaches the log, however it is written or wherever it hides."""

from __future__ import annotations

import io
import json
import logging
from datetime import date
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from sambruk.config.logging import configure
from sambruk.config.redaction import MASK, redact, redact_text


@st.composite
def personal_numbers(draw: st.DrawFn) -> str:
    """Return a number as people and programs write them: ten or twelve digits, four kinds of separator."""
    born = draw(st.dates(date(1900, 1, 1), date(2029, 12, 31)))
    day = born.day + (60 if draw(st.booleans()) else 0)
    short = f"{born:%y%m}{day:02d}{draw(st.integers(1, 999)):03d}"
    tail = short[6:] + luhn.calc_check_digit(short)
    century = f"{born:%Y}"[:2] if draw(st.booleans()) else ""
    separator = draw(st.sampled_from(["", "-", "+", " ", "–", "%2B", "%20"]))
    dashed = draw(st.booleans()) and bool(century)
    head = f"{born:%Y}-{born:%m}-{day:02d}" if dashed else f"{century}{short[:6]}"
    return f"{head}{separator}{tail}"


_words = st.text(st.characters(exclude_categories=("Nd", "Cs")), max_size=20)


@given(personal_numbers(), _words, _words)
def test_a_personal_number_in_a_text_is_masked(number: str, before: str, after: str) -> None:
    text = redact_text(f"{before}{number}{after}")
    assert number not in text
    assert MASK in text
    assert number[-4:] not in text.replace(MASK, "") or number[-4:] in before + after


@given(personal_numbers(), st.sampled_from(["event", "path", "detail", "person"]))
def test_however_deep_it_lies(number: str, key: str) -> None:
    value = redact({key: [{"a": (number, number.encode())}, {number: 1}], "n": {"e": ValueError(number)}})
    assert number not in json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T17:30:00.123456Z",
        "127.0.0.1:5432",
        "0123456",
        "status 200 i 1234 ms",
        "2026-000123",
        "case 42",
    ],
)
def test_what_is_no_personal_number_stays(text: str) -> None:
    assert redact_text(text) == text


def test_whole_numbers_are_masked_too() -> None:
    assert redact(199006022397) == MASK
    assert redact(42) == 42


@pytest.mark.parametrize(
    "key",
    ["password", "client_secret", "Authorization", "id_token", "cookie", "session_key", "personnummer",
     "personal_number", "pnr", "SAMBRUK_FIELD_KEYS", "code_verifier", "DATABASE_URL"],
)  # fmt: skip
def test_known_secrets_are_dropped_whatever_they_hold(key: str) -> None:
    assert redact({key: "x", "kept": 1}) == {"kept": 1}


def test_a_password_in_an_address_is_masked() -> None:
    shown = redact_text("could not connect to postgresql://sambruk_app:hunter2@127.0.0.1:5432/sambruk")
    assert "hunter2" not in shown
    assert "sambruk_app:***@127.0.0.1" in shown


@pytest.fixture
def lines() -> Any:
    """Log to memory; gives a function that returns what was logged, and sets logging back after."""
    root = logging.getLogger()
    level = root.level
    stream = io.StringIO()
    configure("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    configure()
    root.setLevel(level)


def test_both_kinds_of_logger_write_json_without_personal_data(lines: Any) -> None:
    structlog.get_logger("a.b").info("case.opened", case="1", token="hemligt", note="pnr 19900602-2397")
    logging.getLogger("django.request").warning("Bad %s", "900602-2397", extra={"pnr": "1", "status": 400})
    first, second = lines()
    assert first["event"] == "case.opened"
    assert first["note"] == f"pnr {MASK}"
    assert "token" not in first
    assert second["event"] == f"Bad {MASK}"
    assert second["status"] == 400
    assert "pnr" not in second
    for line in (first, second):
        assert {"timestamp", "level", "logger"} <= line.keys()


def test_an_exceptions_text_is_cleaned(lines: Any) -> None:
    try:
        raise ValueError("199006022397 finns redan")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = lines()
    assert "199006022397" not in json.dumps(line)
    assert "ValueError" in line["exception"]


def test_the_request_id_stands_in_every_line_of_the_request(lines: Any) -> None:
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from sambruk.config.request_log import RequestLogMiddleware

    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("inside").info("hello")
        return HttpResponse("ok")

    middleware = RequestLogMiddleware(view)
    response = middleware(RequestFactory().get("/arenden/?q=199006022397"))
    inside, request = lines()
    assert inside["request_id"] == request["request_id"] == response["X-Request-Id"]
    assert request["path"] == "/arenden/"
    assert request["status"] == 200
    assert "199006022397" not in json.dumps(request)
    given = middleware(RequestFactory().get("/", headers={"X-Request-Id": "abc-12345678"}))
    assert given["X-Request-Id"] == "abc-12345678"
    forged = middleware(RequestFactory().get("/", headers={"X-Request-Id": "a b\tc\td\te\tf"}))
    assert forged["X-Request-Id"] != "a b\tc\td\te\tf"
