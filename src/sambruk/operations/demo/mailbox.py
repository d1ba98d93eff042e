"""Reads what the demo's mail server has kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as the page shows it."""

    to: str
    subject: str
    at: datetime | None
    text: str


def latest(folder: Path, limit: int = 50) -> list[Mail]:
    """Return the latest messages, newest first; none where there is no folder."""
    if not folder.is_dir():
        return []
    return [_read(file) for file in sorted(folder.glob("*.eml"), reverse=True)[:limit]]


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        at = None
    if at is not None and at.tzinfo is None:
        # A mail in UTC is dated "-0000", which the library reads as no zone at all (RFC 5322, 3.3).
        at = at.replace(tzinfo=UTC)
    return Mail(
        to=", ".join(str(to) for to in message.get_all("X-Demo-To", [])),
        subject=str(message["Subject"] or ""),
        at=at,
        text="\n".join(str(body.get_content()).split("\r\n")).strip() if body is not None else "",
    )
