"""Ports on the loopback address."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from pathlib import Path

from sambruk.operations.errors import OperationError

LOOPBACK = "127.0.0.1"


class PortTaken(OperationError):  # noqa: N818 - reads as what happened
    """Another program listens on the port that was asked for."""

    code = "port_taken"


def is_free(port: int) -> bool:
    """Say whether a server of ours could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
        return True


def answers(port: int) -> bool:
    """Say whether something takes connections on the port."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def any_free() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_free(port: int, seconds: float) -> None:
    """Give whoever is leaving the port so long to do it."""
    end = time.monotonic() + seconds
    while not is_free(port) and time.monotonic() < end:
        time.sleep(0.1)


def require(port: int, command: str) -> int:
    """Return the port if it is free; else raise PortTaken with a command that would work."""
    if is_free(port):
        return port
    near = (
        next((other for other in range(port + 1, min(port + 50, 65535)) if is_free(other)), None)
        or any_free()
    )
    raise PortTaken(
        f"Porten {port} används redan av ett annat program. Stoppa det, eller kör: {command} --port {near}"
    )


def remembered(file: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Return a free port for each name, the same as last time where it still is free, and remember them."""
    try:
        before: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        before = {}
    chosen: dict[str, int] = {}
    for name in names:
        last = before.get(name)
        chosen[name] = (
            last if isinstance(last, int) and last not in chosen.values() and is_free(last) else any_free()
        )
    file.write_text(json.dumps(chosen), encoding="utf-8")
    return chosen
