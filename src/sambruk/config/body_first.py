"""A request's body is read before one of the few threads that hold a database connection is taken.

A body that comes slowly, or never, otherwise holds such a thread, and a transaction: four connections that
sent one byte each stopped the whole web. granian 2.8 has no time-out for bodies and gives nothing of a body
before all that was asked for is there, so nothing here can end the wait either. The server's own threads
wait instead, of which there are hundreds; more than that is for the proxy in front, which takes a request in
before it passes it on (docs/operations.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.http import HttpResponseBase

from sambruk.config.body_size import most_for

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_CHUNK = 64 * 1024
_IN_MEMORY = 256 * 1024


class BodyFirst:
    """Reads the body, then answers by ``application`` in one of ``threads`` threads of its own.

    What is too large, or says no length, is passed on unread: the application refuses it.
    """

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        length = _length(environ)
        if 0 < length <= most_for(str(environ.get("PATH_INFO") or "/")):
            environ["wsgi.input"] = _read(environ["wsgi.input"], length)
        return self._pool.submit(self._answer, environ, start_response).result()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        if isinstance(answer, HttpResponseBase) and not answer.streaming:
            # Closed in the thread that has the connection: the end of the request is told there.
            try:
                return [b"".join(answer)]
            finally:
                answer.close()
        return answer


def _length(environ: Environ) -> int:
    text = str(environ.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _read(source: IO[bytes], length: int) -> IO[bytes]:
    """Return the body as a file at its start. A body that ends early is as long as it is."""
    body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the request reads it
    left = length
    while left > 0 and (chunk := source.read(min(_CHUNK, left))):
        left -= len(chunk)
        body.write(chunk)
    body.seek(0)
    return body
