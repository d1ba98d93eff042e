"""The doctor names what is wrong and what to do, and one broken part hides none of the others."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from django.test.utils import override_settings

from sambruk.config.systems import Fault, Found
from sambruk.operations.doctor import check_database, check_services, check_settings, report
from sambruk.operations.doctor.findings import CHECKS, Check, Finding, Level, ok
from sambruk.platform.tenancy.models import Principal


def _levels(check: Check) -> list[Level]:
    return [finding.level for finding in check()]


def _texts(check: Check) -> str:
    return " ".join(f"{finding.text} {finding.advice}" for finding in check())


def test_a_check_that_breaks_is_a_fault_of_its_own() -> None:
    def breaks() -> Iterator[Finding]:
        yield ok("Delen", "Först gick det bra.")
        raise RuntimeError("hemligt")

    found = list(report.guarded("Delen", breaks))
    assert [finding.level for finding in found] == [Level.OK, Level.FAULT]
    assert "RuntimeError" in found[1].text
    assert "hemligt" not in found[1].text


def test_every_fault_and_warning_says_what_to_do(
    jarfalla: Principal, capsys: pytest.CaptureFixture[str]
) -> None:
    report.examine(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert {part for part, _ in CHECKS} == {finding["part"] for finding in told["findings"]}
    for finding in told["findings"]:
        assert finding["advice"] or finding["level"] == "ok", finding


def test_a_database_as_it_should_be_has_no_fault(jarfalla: Principal) -> None:
    for check in (
        check_database.connection_and_version,
        check_database.extensions,
        check_database.migrations,
        check_database.role,
        check_database.principals,
    ):
        assert set(_levels(check)) == {Level.OK}, _texts(check)


@override_settings(SECRET_KEY="short")
def test_a_short_key_is_a_fault() -> None:
    assert _levels(check_settings.secret_key) == [Level.FAULT]


def test_keys_tell_of_a_rotation_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from sambruk.common.crypto import new_key_entry

    monkeypatch.setenv("SAMBRUK_FIELD_KEYS", "")
    assert _levels(check_settings.field_keys) == [Level.FAULT]
    monkeypatch.setenv("SAMBRUK_FIELD_KEYS", new_key_entry("a"))
    assert _levels(check_settings.field_keys) == [Level.OK]
    monkeypatch.setenv("SAMBRUK_FIELD_KEYS", f"{new_key_entry('b')},{new_key_entry('a')}")
    assert _levels(check_settings.field_keys) == [Level.WARN]
    assert "rotate-keys" in _texts(check_settings.field_keys)


@pytest.mark.parametrize(
    ("key", "level"), [("", Level.FAULT), ("!", Level.FAULT), ("A" * 43 + "=", Level.OK)]
)
def test_the_logs_key(key: str, level: Level) -> None:
    with override_settings(AUDIT_KEY=key):
        assert _levels(check_settings.audit_key) == [level]


def test_a_system_that_does_not_load_is_named() -> None:
    with override_settings(SYSTEMS=Found((), (Fault("trasigt", "ImportError: x"),))):
        assert _levels(check_settings.systems) == [Level.FAULT, Level.OK]
        assert "trasigt" in _texts(check_settings.systems)


def test_the_mail_server(unused_port: int) -> None:
    with override_settings(
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=unused_port,
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
    ):
        assert _levels(check_services.mail) == [Level.FAULT]


def test_the_virus_scanner(unused_port: int) -> None:
    with override_settings(CLAMD=""):
        assert _levels(check_services.scanner) == [Level.WARN]
    with override_settings(CLAMD="clamd.example"):
        assert "felskriven" in _texts(check_services.scanner)
    with override_settings(CLAMD=f"tcp://127.0.0.1:{unused_port}"):
        assert "svarar inte" in _texts(check_services.scanner)


def test_text_messages_go_encrypted_or_not_at_all(unused_port: int) -> None:
    with override_settings(SMS_URL=""):
        assert _levels(check_services.text_messages) == [Level.OK]
    with override_settings(SMS_URL=f"http://127.0.0.1:{unused_port}/", SMS_TOKEN="t"):
        assert _levels(check_services.text_messages) == [Level.FAULT]


def test_a_principal_without_login_is_named(jarfalla: Principal) -> None:
    text = _texts(check_services.logins)
    assert f"{jarfalla.name} har ingen inloggning för invånare" in text
    assert f"{jarfalla.name} har ingen inloggning för medarbetare" in text


def test_a_provider_that_does_not_answer_is_named(jarfalla: Principal, unused_port: int) -> None:
    from sambruk.platform.identity.models import IdentityProvider, Purpose
    from sambruk.platform.tenancy.context import tenant_transaction

    with tenant_transaction(jarfalla.pk):
        for purpose in Purpose:
            IdentityProvider.objects.create(
                slug=purpose.value,
                name=f"Legitimation {purpose.value}",
                purpose=purpose,
                issuer=f"http://127.0.0.1:{unused_port}",
                client_id="x",
                redirect_base="http://jarfalla.localhost",
            )
    faults = [finding for finding in check_services.logins() if "Legitimation" in finding.text]
    assert [finding.level for finding in faults] == [Level.FAULT, Level.FAULT]


def test_the_store_is_written_and_read(jarfalla: Principal) -> None:
    assert _levels(check_services.store) == [Level.OK]


def test_work_that_nobody_does_is_a_fault(jarfalla: Principal) -> None:
    from datetime import timedelta

    from sambruk.common.calendar import now
    from sambruk.common.ids import uuid7
    from sambruk.platform.exchange.models import Delivery, DeliveryState
    from sambruk.platform.tenancy.context import tenant_transaction

    assert _levels(check_services.jobs) == [Level.OK]
    with tenant_transaction(jarfalla.pk):
        values = {"kind": "test.kind", "object_id": uuid7()}
        Delivery.objects.create(key="late", next_at=now() - timedelta(hours=1), **values)
        Delivery.objects.create(key="up", state=DeliveryState.GIVEN_UP, **values)
    assert _levels(check_services.jobs) == [Level.FAULT, Level.WARN]


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_saml_without_xmlsec1_is_a_fault_that_says_what_to_run(
    jarfalla: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sambruk.platform.identity.models import IdentityProvider
    from sambruk.platform.tenancy.context import tenant_transaction

    monkeypatch.setenv("SAMBRUK_XMLSEC1", "/nowhere/xmlsec1")
    assert "xmlsec1" not in _texts(check_services.logins)
    with tenant_transaction(jarfalla.pk):
        IdentityProvider.objects.create(
            slug="eid",
            name="E-legitimation",
            purpose="resident",
            protocol="saml",
            issuer="https://idp.example",
            client_id="https://e.example",
            redirect_base="https://e.example",
            saml_metadata="<old/>",
            saml_certificate="-",
        )
    text = _texts(check_services.logins)
    assert "xmlsec1 saknas" in text
    assert "apt-get install -y xmlsec1" in text
    assert "inte SAML-metadata" in text
