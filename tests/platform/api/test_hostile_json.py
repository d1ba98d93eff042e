"""JSON that is made to break its reader: refused in words, nothing kept, never a fault of ours."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.platform.api.conftest import SERVICES, System, Town, administrator, connect
from tests.platform.api.test_errors import problem
from tests.platform.api.test_filing import ANSWERS, HELP, REPORTS
from tests.support import people

from sambruk.platform.api.auth import SCOPES
from sambruk.platform.api.parser import DEEPEST, parse
from sambruk.platform.cases.models import Case
from sambruk.platform.definitions import actions as definitions
from sambruk.platform.definitions.answers.read import read_answers
from sambruk.platform.definitions.language import Service
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.forms.models import Draft, Filing

REPORT = json.dumps({"answers": ANSWERS})


def told(text: str, change: str, into: str) -> bytes:
    """The report with one thing in its text changed."""
    assert change in text
    return text.replace(change, into, 1).encode("utf-8", "surrogatepass")


#: What is sent, and the code that it is refused by.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "NUL as an escape": (told(REPORT, "Storgatan", r"Stor\u0000gatan"), "unreadable"),
    "NUL as it is": (told(REPORT, "Storgatan", "Stor\0gatan"), "unreadable"),
    "NUL in a name": (told(REPORT, '"kind"', r'"kind\u0000"'), "unreadable"),
    "half a character": (told(REPORT, "Storgatan", r"\ud83d"), "unreadable"),
    "the other half": (told(REPORT, "Storgatan", r"\ude00\ud83d"), "unreadable"),
    "half a character in bytes": (told(REPORT, "Storgatan", "\ud800"), "unreadable"),
    "a name twice": (told(REPORT, '"kind"', '"kind": "light", "kind"'), "unreadable"),
    "a name twice at the top": (told(REPORT, '"answers"', '"answers": {}, "answers"'), "unreadable"),
    "a name twice by an escape": (told(REPORT, '"kind"', r'"kind": "light", "k\u0069nd"'), "unreadable"),
    "not a number": (told(REPORT, "false", "NaN"), "unreadable"),
    "without end": (told(REPORT, "false", "-Infinity"), "unreadable"),
    "a number out of range": (told(REPORT, "false", "1e999"), "unreadable"),
    "a number of 5,000 digits": (told(REPORT, "false", "9" * 5000), "unreadable"),
    "a number of 4,000 digits": (told(REPORT, "false", "9" * 4000), "invalid_answers"),
    "a number with 4,000 decimals": (told(REPORT, "false", "0." + "1" * 4000), "invalid_answers"),
    "deep lists": (told(REPORT, "false", "[" * 5000 + "]" * 5000), "unreadable"),
    "deep objects": (told(REPORT, "false", '{"a":' * 500 + "1" + "}" * 500), "unreadable"),
    "deeper than the reader": (b"[" * 500_000, "unreadable"),
    "many names": (json.dumps({"answers": dict.fromkeys(map(str, range(600)), 1)}).encode(), "malformed"),
    "a byte order mark": (b"\xef\xbb\xbf" + REPORT.encode(), "unreadable"),
    "UTF-16": (REPORT.encode("utf-16"), "unreadable"),
    "UTF-32": (REPORT.encode("utf-32-le"), "unreadable"),
    "Latin-1": ('{"answers": {"description": "hål"}}'.encode("latin-1"), "unreadable"),
    "bytes that are no text": (b'{"answers": {"description": "\xc0\xaf"}}', "unreadable"),
    "two bodies": (REPORT.encode() * 2, "unreadable"),
    "a comma too many": (b'{"answers": {},}', "unreadable"),
    "a comment": (b'{"answers": {} /* a */}', "unreadable"),
    "nothing": (b"", "malformed"),
    "a list": (b"[]", "malformed"),
    "a text": (b'"a"', "malformed"),
    "null": (b"null", "malformed"),
    "answers as a list": (b'{"answers": []}', "malformed"),
    "__proto__": (told(REPORT, '"kind"', '"__proto__": {"a": 1}, "kind"'), "invalid_answers"),
}  # fmt: skip


@pytest.fixture
def every(town: Town) -> System:
    """A system with every right, in the units of the reports and of the applications."""
    office = people.unit("ekonomi")
    definitions.publish_loaded(loaded=load_folder(SERVICES / HELP), by=administrator())
    definitions.adopt(service=HELP, units={"default": office.pk}, by=administrator())
    return connect(town.centre, town.street, office, scopes=tuple(SCOPES))


def test_each_is_refused_in_words(every: System) -> None:
    for name, (body, code) in HOSTILE.items():
        answer = every.post(REPORTS, body, **{"idempotency-key": "one"})
        status = 400 if code == "unreadable" else 422
        assert answer.status_code == status, (name, answer.status_code, answer.content[:300])
        problem(answer, status, code)
    assert not Case.objects.exists()
    assert not Draft.objects.exists()
    assert not Filing.objects.exists()
    assert every.post(REPORTS, REPORT.encode(), **{"idempotency-key": "one"}).status_code == 201


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("text/plain", "unsupported_media_type"),
        ("application/x-www-form-urlencoded", "unsupported_media_type"),
        ("multipart/form-data; boundary=x", "unsupported_media_type"),
        ("text/xml", "unsupported_media_type"),
        ("application/json; charset=latin-1", ""),
        ("application/vnd.example+json", ""),
    ],
)
def test_what_is_not_called_json(every: System, kind: str, code: str) -> None:
    """JSON is UTF-8, whatever charset it is called (RFC 8259 section 8.1)."""
    answer: Any = every.http.post(
        f"/api/v1{REPORTS}",
        REPORT.encode(),
        content_type=kind,
        headers={"host": every.host, "authorization": f"Bearer {every.token}", "idempotency-key": "one"},
    )
    if code:
        problem(answer, 415, code)
    else:
        assert answer.status_code == 201


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-1.00", "1e5", "2026-02-30", "2026-W48-1", "199006022397", "../x", "\u0661", "9" * 30]
    ),
)  # fmt: skip
WILD = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["row", "kind", "personal_number", "street", "lat", "account", "id", "x"]),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
FEW = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@cache
def service_of(name: str) -> Service:
    return load_folder(SERVICES / name).service


def fields_of(service: str) -> list[str]:
    return [name for _step, names in service_of(service).fields_by_step() for name in names]


def test_whatever_is_sent_as_answers_is_answered(every: System) -> None:
    bodies = st.one_of(
        st.fixed_dictionaries({"answers": st.dictionaries(st.sampled_from(fields_of("felanmalan")), WILD)}),
        st.fixed_dictionaries(
            {
                "person": st.fixed_dictionaries(
                    {"personalNumber": st.just("199006022397") | st.text(max_size=20)}
                ),
                "answers": st.dictionaries(st.sampled_from(fields_of(HELP)), WILD, max_size=6),
            }
        ),
        WILD,
    )
    paths = (
        REPORTS, f"/services/{HELP}/prepared-applications", f"/services/{HELP}/submissions", "/subscriptions",
    )  # fmt: skip
    statuses: set[int] = set()

    @FEW
    @given(st.sampled_from(paths), bodies)
    def holds(path: str, body: Any) -> None:
        with transaction.atomic():
            answer = every.post(path, json.dumps(body).encode(), **{"idempotency-key": "one"})
            transaction.set_rollback(True)
        statuses.add(answer.status_code)
        assert answer.status_code in (201, 400, 409, 422), (path, body, answer.content[:300])
        if answer.status_code != 201:
            assert answer.json()["code"]

    holds()
    assert {400, 422} <= statuses


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_read_is_a_form_s_answers(data: st.DataObject) -> None:
    """Without a database: whatever is given, answers come out that have their fields' shape, or sentences."""
    name = data.draw(st.sampled_from(["felanmalan", HELP]))
    service = service_of(name)
    given_ = data.draw(
        st.dictionaries(st.sampled_from(fields_of(name)) | st.text(max_size=9), WILD, max_size=6)
    )
    read = read_answers(service, given_)
    assert all(text.endswith((".", "?")) or text for text in read.errors.values())
    wrong = {address.split(".")[0] for address in read.errors}
    assert not [
        field for field in read.answers if field in wrong and not isinstance(read.answers[field], list)
    ]
    again = read_answers(service, {key: value for key, value in read.answers.items() if key not in wrong})
    assert not again.errors


@given(
    st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
)
def test_what_json_can_say_comes_back_as_it_was_or_is_refused(value: Any) -> None:
    try:
        found = parse(json.dumps(value))
    except ValueError:
        return
    assert found == value
    json.dumps(found, allow_nan=False).encode("utf-8")


def test_how_deep() -> None:
    assert parse("[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))
    with pytest.raises(ValueError, match="deep"):
        parse("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
