"""A receiving mail server for the demo: real SMTP, every message a file, nothing sent on.

RFC 5321's minimum (HELO, EHLO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT) on the loopback address. Run as
``python -m sambruk.operations.demo.mail_sink``.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from sambruk.common.ids import uuid7
from sambruk.operations.ports import LOOPBACK
from sambruk.operations.processes import follow_parent

LARGEST = 10 * 1024 * 1024
#: The page shows the latest; older ones are of no use to anybody.
KEPT = 200


class Session:
    """One connection."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._folder = folder
        self._reader = reader
        self._writer = writer
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Talk until the other side leaves."""
        await self._say("220 demo.localhost ESMTP")
        while line := await self._reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 hej")
                return
            await self._say(await self._answer(verb.upper(), rest.strip()))

    async def _answer(self, verb: str, rest: str) -> str:
        match verb:
            case "HELO":
                return "250 demo.localhost"
            case "EHLO":
                return f"250-demo.localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {LARGEST}"
            case "MAIL" if rest.upper().startswith("FROM:"):
                self._sender, self._recipients = _address(rest[5:]), []
                return "250 OK"
            case "RCPT" if rest.upper().startswith("TO:") and self._sender is not None:
                self._recipients.append(_address(rest[3:]))
                return "250 OK"
            case "DATA" if self._recipients:
                return await self._take_message()
            case "RSET":
                self._sender, self._recipients = None, []
                return "250 OK"
            case "NOOP":
                return "250 OK"
            case "VRFY":
                return "252 OK"
            case "MAIL" | "RCPT" | "DATA":
                return "503 wrong order or syntax"
        return "502 not understood"

    async def _take_message(self) -> str:
        await self._say("354 go on")
        lines: list[bytes] = []
        size = 0
        while True:
            line = await self._reader.readline()
            if not line:
                raise ConnectionResetError
            if line.rstrip(b"\r\n") == b".":
                break
            size += len(line)
            if size <= LARGEST:
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        recipients, self._sender, self._recipients = self._recipients, None, []
        if size > LARGEST:
            return "552 too large"
        head = b"".join(f"X-Demo-To: {recipient}\r\n".encode() for recipient in recipients)
        await asyncio.to_thread(_keep, self._folder, head + b"".join(lines))
        return "250 kept"

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()


def _address(text: str) -> str:
    inside = (
        text.strip().partition("<")[2].partition(">")[0]
        if "<" in text
        else text.split()[0]
        if text.split()
        else ""
    )
    return "".join(letter for letter in inside if letter.isprintable())[:254]


def _keep(folder: Path, message: bytes) -> None:
    """Store the message whole or not at all; names sort by time."""
    name = str(uuid7())
    partial = folder / f".{name}"
    partial.write_bytes(message)
    partial.rename(folder / f"{name}.eml")
    for old in sorted(folder.glob("*.eml"))[:-KEPT]:
        with suppress(FileNotFoundError):
            old.unlink()


async def serve(folder: Path, port: int) -> None:
    """Take messages until SIGTERM or SIGINT."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):  # ValueError: a line longer than the reader takes
            await Session(folder, reader, writer).run()
        writer.close()

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(meet, LOOPBACK, port, limit=1024 * 1024)
    async with server:
        await stop.wait()


if __name__ == "__main__":
    follow_parent()
    asyncio.run(serve(Path(os.environ["SAMBRUK_DEMO_MAIL"]), int(os.environ["SAMBRUK_DEMO_SMTP_PORT"])))
