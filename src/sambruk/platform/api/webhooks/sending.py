"""One POST to an address that others chose: no redirect, proxy or inner network, and an end to waiting."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from functools import cache

import httpcore

from sambruk.common.errors import Unavailable
from sambruk.platform.api.webhooks import address

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
#: For the whole exchange: a receiver that drips is cut off like one that hangs.
TOTAL_SECONDS = 15.0


class ReceiverDown(Unavailable):
    """No answer, or one that says no. Tried again by the schedule."""

    code = "webhook_failed"


class ReceiverGone(Unavailable):
    """The receiver says that nobody is there for good (410). The subscription ends."""

    code = "webhook_gone"

    def __init__(self) -> None:
        super().__init__("Mottagaren har sagt upp prenumerationen (410).", permanent=True)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends when the whole time is used up."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole time is used up")
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects only to addresses that were looked at here: name and address cannot part on the way."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = time.monotonic() + TOTAL_SECONDS

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = address.resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError("name not found") from error
        stream = self._inner.connect_tcp(found[0], port, timeout, local_address, socket_options)
        return _Stream(stream, self._deadline)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Send and return the status, which is 2xx. The answer's body is not read.

    Raises AddressRefused, ReceiverGone (both permanent), and ReceiverDown for everything else.
    """
    timeouts = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": 1.0}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=_Guarded(), retries=0) as pool,
            pool.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
            ) as answer,
        ):
            status = answer.status
    except (
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise ReceiverDown("Mottagarens adress svarar inte som den ska.") from error
    if 200 <= status < 300:
        return status
    if status == 410:
        raise ReceiverGone
    raise ReceiverDown(f"Mottagaren svarade med {status}.")
