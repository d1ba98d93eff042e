"""The load: a process of its own that sends requests over kept-alive connections and times each.

Reads one JSON line on standard input: {"port", "clients", "seconds", "warm", "requests": [{"host", "path",
"cookie", "expect"}]}; each client goes round the requests from its own place. Writes {"times": […],
"errors": n, "first_error": "…", "seconds": s}. HTTP/1.1 by hand: a client library's cost would show.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length: int | None = None
    chunked = False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        lowered = name.lower()
        if lowered == b"content-length":
            length = int(value)
        elif lowered == b"transfer-encoding" and b"chunked" in value.lower():
            chunked = True
    if chunked:
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return status, body
    return status, await reader.readexactly(length or 0)


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


async def _client(number: int, job: dict[str, Any], out: dict[str, Any], clock: dict[str, float]) -> None:
    requests = [(_request(one, job["port"]), one.get("expect", "").encode()) for one in job["requests"]]
    place = number * max(1, len(requests) // job["clients"])
    reader, writer = await asyncio.open_connection("127.0.0.1", job["port"])
    while (begun := time.perf_counter()) < clock["end"]:
        raw, expect = requests[place % len(requests)]
        place += 1
        try:
            writer.write(raw)
            status, body = await _read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            out["errors"] += 1
            out["first_error"] = out["first_error"] or repr(error)
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", job["port"])
            continue
        took = time.perf_counter() - begun
        if begun < clock["start"]:
            continue
        if status != 200 or expect not in body:
            out["errors"] += 1
            out["first_error"] = out["first_error"] or f"{status}: {body[:200]!r}"
        else:
            out["times"].append(took)
    writer.close()


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do the job and return what it gave."""
    begun = time.perf_counter()
    clock = {"start": begun + job["warm"], "end": begun + job["warm"] + job["seconds"]}
    out: dict[str, Any] = {"times": [], "errors": 0, "first_error": ""}
    await asyncio.gather(*(_client(n, job, out, clock) for n in range(job["clients"])))
    out["seconds"] = job["seconds"]
    return out


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.loads(sys.stdin.readline()))), sys.stdout)
