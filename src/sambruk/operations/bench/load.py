"""The load: a process of its own that sends requests over kept-alive connections and times each.

Reads one JSON line on standard input: {"port", "clients", "seconds", "warm", "requests": [{"host", "path",
"cookie", "expect", "follow"}]}; each client goes round the requests from its own place. With "once" each
request is sent once, by whichever client is free, and the first "warm_count" are not counted; the span ends
with the last. "follow" is how many redirects belong to the request, and to its time. Writes {"times": […],
"errors": n, "first_error": "…", "seconds": s}. HTTP/1.1 by hand: a client library's cost would show.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any


async def _read(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    """Return status, where to go on, and the body."""
    location = ""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length: int | None = None
    chunked = False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        lowered = name.lower()
        if lowered == b"content-length":
            length = int(value)
        elif lowered == b"location":
            location = value.strip().decode("ascii")
        elif lowered == b"transfer-encoding" and b"chunked" in value.lower():
            chunked = True
    if chunked:
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return status, location, body
    return status, location, await reader.readexactly(length or 0)


def _request(one: dict[str, Any], port: int) -> bytes:
    lines = [
        f"{one.get('method', 'GET')} {one['path']} HTTP/1.1",
        f"Host: {one['host']}:{port}",
        "Accept: text/html",
        "Connection: keep-alive",
    ]
    if one.get("cookie"):
        lines.append(f"Cookie: {one['cookie']}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Client:
    """One kept-alive connection, and how its requests went."""

    def __init__(self, port: int, out: dict[str, Any]) -> None:
        self._port = port
        self._out = out
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, one: dict[str, Any]) -> float | None:
        """Send a request and follow it; return its time in seconds, or None where it failed."""
        begun = time.perf_counter()
        left = one.get("follow", 0)
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(_request(one, self._port))
            status, location, body = await _read(reader)
            while left and status == 302:
                left -= 1
                writer.write(_request({**one, "path": location}, self._port))
                status, location, body = await _read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self._fault(repr(error))
            self.close()
            return None
        took = time.perf_counter() - begun
        if status != 200 or left or one.get("expect", "").encode() not in body:
            self._fault(f"{status} {location}: {body[:300]!r}")
            return None
        return took

    def _fault(self, text: str) -> None:
        self._out["errors"] += 1
        self._out["first_error"] = self._out["first_error"] or text

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _round(number: int, job: dict[str, Any], out: dict[str, Any], start: float) -> None:
    """Go round the requests until the time is up."""
    requests = job["requests"]
    place = number * max(1, len(requests) // job["clients"])
    client = _Client(job["port"], out)
    while (begun := time.perf_counter()) < start + job["seconds"]:
        took = await client.send(requests[place % len(requests)])
        place += 1
        if took is not None and begun >= start:
            out["times"].append(took)
    client.close()


async def _once(
    job: dict[str, Any], out: dict[str, Any], queue: Iterator[tuple[int, dict[str, Any]]]
) -> None:
    """Send what no client has sent yet."""
    client = _Client(job["port"], out)
    for number, one in queue:
        counted = number >= job["warm_count"]
        if counted:
            out["begun"] = min(out["begun"], time.perf_counter())
        took = await client.send(one)
        if took is not None and counted:
            out["times"].append(took)
    client.close()


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do the job and return what it gave."""
    out: dict[str, Any] = {"times": [], "errors": 0, "first_error": ""}
    start = time.perf_counter() + job.get("warm", 0)
    if job.get("once"):
        out["begun"] = float("inf")
        queue = iter(enumerate(job["requests"]))
        await asyncio.gather(*(_once(job, out, queue) for _ in range(job["clients"])))
        out["seconds"] = time.perf_counter() - out.pop("begun")
    else:
        await asyncio.gather(*(_round(n, job, out, start) for n in range(job["clients"])))
        out["seconds"] = job["seconds"]
    return out


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.loads(sys.stdin.readline()))), sys.stdout)
