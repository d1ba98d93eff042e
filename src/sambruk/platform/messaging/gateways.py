"""The two ways out: a mail server (SMTP) and a text message service (HTTP)."""

from __future__ import annotations

import smtplib
from email.utils import formataddr, parseaddr

import httpx
from django.conf import settings
from django.core.mail import EmailMessage

from sambruk.common.errors import Unavailable
from sambruk.common.text import single_line

SMS_TIMEOUT = 10.0
#: Answers of an HTTP service that may be others the next time.
_PASSING = frozenset((408, 409, 425, 429))


class Refused(Unavailable):
    """The other end took no offence at us but at the address: it does not exist, or wants nothing."""

    code = "recipient_refused"

    def __init__(self) -> None:
        super().__init__("Mottagarens adress avvisades.", permanent=True)


def send_email(*, to: str, subject: str, body: str, sender: str, message_id: str) -> None:
    """Send one plain mail. ``sender`` is the display name; ``message_id`` stays the same when sent again.

    Raises Refused for an address that the server rejects for good, Unavailable for everything else: refused
    or lost connection, time-out, a server that asks to come back, a log-in that fails.
    """
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMessage(
        subject=single_line(subject),
        body=body,
        from_email=formataddr((single_line(sender), address)),
        to=[to],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(500 <= code < 600 for code in codes):
            raise Refused from error
        raise Unavailable("E-postservern tar inte emot just nu.", "smtp") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable("E-postservern svarar inte.", "smtp") from error


def send_sms(*, to: str, text: str, sender: str, key: str) -> None:
    """Send one text message by POST of JSON. ``key`` stays the same when sent again, so that it is sent once.

    Raises Refused for 400, 404, 410 and 422, Unavailable otherwise: permanent where the service refuses us
    (401, 403), which an operator must mend.
    """
    if not settings.SMS_URL:
        raise Unavailable("Sms är inte inställt. Sätt SAMBRUK_SMS_URL.", "no_sms", permanent=True)
    headers = {"Idempotency-Key": key}
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
    content = {"to": to, "from": sender, "text": text, "reference": key}
    try:
        answer = httpx.post(settings.SMS_URL, json=content, headers=headers, timeout=SMS_TIMEOUT)
    except httpx.HTTPError as error:
        raise Unavailable("Sms-tjänsten svarar inte.", "sms") from error
    if answer.is_success:
        return
    if answer.status_code in (400, 404, 410, 422):
        raise Refused
    if answer.is_client_error and answer.status_code not in _PASSING:
        raise Unavailable(
            "Sms-tjänsten nekar oss. Kontrollera adress och nyckel.", "sms_denied", permanent=True
        )
    raise Unavailable("Sms-tjänsten svarar med fel.", "sms")
