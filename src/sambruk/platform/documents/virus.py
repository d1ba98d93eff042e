"""Virus scan by clamd: the INSTREAM command over a unix or tcp socket.

Protocol: clamd(8), commands prefixed ``z`` and ended by a zero byte; data in chunks, each with its length in
four bytes, big-endian, a length of zero at the end. No answer is never taken for a clean file.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import IO
from urllib.parse import urlsplit

from sambruk.platform.documents.store import chunks_of

_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096


class VerdictKind(StrEnum):
    """What the scan said."""

    CLEAN = "clean"
    FOUND = "found"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict; ``detail`` is the virus's name, or why there is no verdict (for the operator)."""

    kind: VerdictKind
    detail: str = ""

    @property
    def is_clean(self) -> bool:
        """True only if the scanner said so."""
        return self.kind is VerdictKind.CLEAN


class Scanner:
    """A clamd at ``unix:/path`` or ``tcp://host:port``. ValueError for another address.

    ``connect_seconds`` bounds the connection, ``total_seconds`` the whole scan.
    """

    def __init__(self, address: str, *, connect_seconds: float = 3.0, total_seconds: float = 60.0) -> None:
        parts = urlsplit(address)
        if parts.scheme == "unix" and parts.path:
            self._target: str | tuple[str, int] = parts.path
        elif parts.scheme == "tcp" and parts.hostname and parts.port:
            self._target = (parts.hostname, parts.port)
        else:
            raise ValueError("write the scanner's address as unix:/path or tcp://host:port")
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds

    def scan(self, source: IO[bytes] | Iterable[bytes]) -> Verdict:
        """Send a stream and return the verdict. Never raises for faults of the scanner: UNAVAILABLE it is."""
        try:
            return _verdict(self._converse(b"zINSTREAM\0", source))
        except (OSError, EOFError) as error:
            return Verdict(VerdictKind.UNAVAILABLE, f"{type(error).__name__}: {error}")

    def ping(self) -> bool:
        """Say whether clamd answers (for ``doctor``)."""
        try:
            return self._converse(b"zPING\0", None) == b"PONG"
        except (OSError, EOFError):
            return False

    def _converse(self, command: bytes, source: IO[bytes] | Iterable[bytes] | None) -> bytes:
        deadline = time.monotonic() + self._total_seconds
        with self._connect() as connection:
            try:
                _send(connection, command, deadline)
                if source is not None:
                    for chunk in chunks_of(source):
                        for start in range(0, len(chunk), _CHUNK):
                            piece = chunk[start : start + _CHUNK]
                            _send(connection, len(piece).to_bytes(4, "big") + piece, deadline)
                    _send(connection, b"\0\0\0\0", deadline)
            except (BrokenPipeError, ConnectionResetError):
                pass  # clamd hangs up when its size limit is passed; its reason may still be there to read
            return _reply(connection, deadline)

    def _connect(self) -> socket.socket:
        if isinstance(self._target, tuple):
            return socket.create_connection(self._target, timeout=self._connect_seconds)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self._connect_seconds)
            connection.connect(self._target)
        except BaseException:
            connection.close()
            raise
        return connection


def _arm(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scan took too long")
    connection.settimeout(left)


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    _arm(connection, deadline)
    connection.sendall(data)


def _reply(connection: socket.socket, deadline: float) -> bytes:
    """Read up to the zero byte. An answer that is cut off is none."""
    reply = b""
    while not reply.endswith(b"\0"):
        _arm(connection, deadline)
        part = connection.recv(1024)
        if not part:
            raise EOFError("the scanner closed the connection without an answer")
        reply += part
        if len(reply) > _LONGEST_REPLY:
            raise EOFError("the scanner's answer has no end")
    return reply[:-1]


def _verdict(reply: bytes) -> Verdict:
    text = reply.decode("utf-8", "replace").strip()
    if text == "stream: OK":
        return Verdict(VerdictKind.CLEAN)
    if text.startswith("stream: ") and text.endswith(" FOUND"):
        return Verdict(VerdictKind.FOUND, text[len("stream: ") : -len(" FOUND")])
    return Verdict(VerdictKind.UNAVAILABLE, text[:200])
