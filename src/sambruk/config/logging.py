"""Logs as JSON lines on standard error, without personal data.

One line is one event: ``timestamp``, ``level``, ``logger``, ``event``, ``request_id`` where there is a
request, and what the caller added. Django's, procrastinate's and every other library's lines go the same
way. ``SAMBRUK_LOG_LEVEL`` sets how much (INFO).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from sambruk.config.redaction import redact

#: Libraries whose INFO lines tell of every single step.
_TALKATIVE = ("httpx", "httpcore", "procrastinate.worker", "procrastinate.periodic", "urllib3", "botocore")


class _Handler(logging.StreamHandler[TextIO]):
    """Our handler, told from others' so that setting up again replaces it alone."""


def _redact_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cleaned: MutableMapping[str, Any] = redact(dict(event))
    return cleaned


def _render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """Write the line; every value is a plain type by now, and no text is made here that was not redacted."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


_BEFORE = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(level: str | None = None, stream: TextIO | None = None) -> None:
    """Set up logging for the process; called again, it replaces what it set up.

    ``level`` is a level's name, else ``SAMBRUK_LOG_LEVEL``, else INFO. ``stream`` is standard error unless
    given.
    """
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_BEFORE,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before redaction; their frames' variables are never shown.
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            _redact_event,
            _render,
        ],
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel((level or os.environ.get("SAMBRUK_LOG_LEVEL") or "INFO").upper())
    logging.captureWarnings(True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
