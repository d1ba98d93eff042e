"""What stands around the database: files, virus scanner, mail, text messages, logins, jobs."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from urllib.parse import urlsplit

from sambruk.operations.doctor.findings import Finding, check, fault, ok, warn


@check("Fillagret")
def store() -> Iterator[Finding]:
    """A small file is written, read and removed again, for one principal."""
    from sambruk.common.errors import SambrukError
    from sambruk.platform.documents.stores import store_for
    from sambruk.platform.tenancy.models import Principal

    part = "Fillagret"
    principal = Principal.objects.order_by("code").first()
    if principal is None:
        yield warn(part, "Prövas när det finns en kommun.", "Kör sambruk municipality add.")
        return
    files = store_for(principal.id)
    content = secrets.token_bytes(64)
    try:
        stored = files.put(BytesIO(content), max_bytes=len(content))
        with files.open(stored.sha256) as file:
            same = file.read() == content
        files.delete(stored.sha256)
    except SambrukError as error:
        yield fault(
            part, error.message_sv, "Kontrollera SAMBRUK_DOCUMENT_STORE, rättigheter och ledig plats."
        )
    except OSError as error:
        yield fault(part, f"Går inte att skriva i ({error.strerror}).", "Kontrollera SAMBRUK_DOCUMENT_STORE.")
    else:
        yield (
            ok(part, "Skriver och läser.")
            if same
            else fault(part, "Läste något annat än det skrev.", "Byt disk.")
        )


@check("Virusskydd")
def scanner() -> Iterator[Finding]:
    """clamd answers, where one is set."""
    from django.conf import settings

    from sambruk.platform.documents.virus import Scanner

    part = "Virusskydd"
    if not settings.CLAMD:
        yield warn(
            part,
            "Uppladdade filer söks inte igenom.",
            "Sätt SAMBRUK_CLAMD till er clamd, till exempel unix:/run/clamav/clamd.ctl.",
        )
        return
    try:
        answers = Scanner(settings.CLAMD, total_seconds=5).ping()
    except ValueError:
        yield fault(part, "SAMBRUK_CLAMD är felskriven.", "Skriv unix:/sökväg eller tcp://värd:port.")
        return
    if answers:
        yield ok(part, "clamd svarar.")
    else:
        yield fault(part, "clamd svarar inte.", "Starta clamd. Under tiden tas inga filer emot.")


@check("E-post")
def mail() -> Iterator[Finding]:
    """The mail server takes a connection and, where set, our log-in. Nothing is sent."""
    from django.conf import settings
    from django.core.mail import get_connection

    part = "E-post"
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(timeout=5)
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError:
        yield fault(
            part,
            f"{where} godtar inte inloggningen.",
            "Kontrollera SAMBRUK_SMTP_USER och SAMBRUK_SMTP_PASSWORD.",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield fault(
            part,
            f"{where} svarar inte ({type(error).__name__}).",
            "Kontrollera SAMBRUK_SMTP_HOST och SAMBRUK_SMTP_PORT. Utskicken väntar så länge.",
        )
    else:
        yield ok(part, f"{where} svarar.")
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


@check("Sms")
def text_messages() -> Iterator[Finding]:
    """The service's host answers over HTTPS, where one is set. Nothing is sent."""
    import httpx
    from django.conf import settings

    part = "Sms"
    if not settings.SMS_URL:
        yield ok(part, "Används inte (SAMBRUK_SMS_URL är tom).")
        return
    parts = urlsplit(settings.SMS_URL)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        yield fault(
            part, "Adressen är inte https.", "Telefonnummer får inte gå okrypterade. Byt SAMBRUK_SMS_URL."
        )
    if not settings.SMS_TOKEN:
        yield warn(part, "SAMBRUK_SMS_TOKEN är tom.", "Sätt den om tjänsten kräver en nyckel.")
    try:
        httpx.options(settings.SMS_URL, timeout=5)
    except httpx.HTTPError as error:
        yield fault(part, f"Svarar inte ({type(error).__name__}).", "Kontrollera adressen och brandväggen.")
    else:
        yield ok(part, f"{parts.hostname} svarar.")


@check("Inloggning")
def logins() -> Iterator[Finding]:
    """Each principal's providers publish what we need, with keys to verify by; SAML has its program."""
    from sambruk.platform.identity.checks import check_provider
    from sambruk.platform.identity.models import IdentityProvider, Purpose
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Principal

    part = "Inloggning"
    for principal in Principal.objects.order_by("code"):
        with tenant_transaction(principal.id):
            providers = list(IdentityProvider.objects.filter(active=True))
        for purpose in Purpose:
            if not any(provider.purpose == purpose for provider in providers):
                yield fault(
                    part,
                    f"{principal.name} har ingen inloggning för {str(purpose.label).lower()}.",
                    "Lägg till en under Administration, Inloggning (OpenID Connect eller SAML).",
                )
        for provider in providers:
            for found in check_provider(provider):
                text = f"{principal.name}, {provider.name}: {found.text}"
                if found.level == "ok":
                    yield ok(part, text)
                else:
                    yield (fault if found.level == "fault" else warn)(part, text, found.advice)


@check("Jobb")
def jobs() -> Iterator[Finding]:
    """Deliveries move, none has given up unseen, and no job hangs on a dead worker."""
    from django.db import connection

    from sambruk.common.clock import to_stockholm
    from sambruk.platform.exchange.queries import overdue_since, trouble_by_kind
    from sambruk.platform.exchange.runner import STALLED_SECONDS
    from sambruk.platform.tenancy.context import tenant_transaction
    from sambruk.platform.tenancy.models import Principal

    part = "Jobb"
    well = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs j"
            " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
            " WHERE j.status = 'doing'"
            " AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))",
            [STALLED_SECONDS],
        )
        stalled = cursor.fetchone()[0]
    if stalled:
        well = False
        yield warn(
            part,
            f"{stalled} hänger på en worker som har dött.",
            "Starta sambruk worker, som tar upp dem igen.",
        )
    for principal in Principal.objects.order_by("code"):
        with tenant_transaction(principal.id):
            late, trouble = overdue_since(), trouble_by_kind()
        if late is not None:
            well = False
            yield fault(
                part,
                f"{principal.name}: väntar sedan {to_stockholm(late):%Y-%m-%d %H.%M}.",
                "Kontrollera att sambruk worker körs.",
            )
        for kind in trouble:
            if kind.given_up:
                well = False
                yield warn(
                    part,
                    f"{principal.name}: {kind.given_up} {kind.label} gav upp.",
                    "Se sidan /drift/ och försök igen där.",
                )
    if well:
        yield ok(part, "Inget väntar, inget har gett upp.")
