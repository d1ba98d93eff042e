"""A server of ours that speaks clamd's protocol, and misbehaves on request."""

import contextlib
import socket
import struct
import threading
from pathlib import Path

MODES = ("answer", "hang", "hang_up", "garbage", "half", "limit", "endless", "error")
MARK = b"TEST-VIRUS"


class ClamdServer:
    """Listens on a unix path or on a tcp port of its own; ``received`` is what INSTREAM brought."""

    def __init__(self, mode: str = "answer", path: Path | None = None) -> None:
        assert mode in MODES
        self.mode = mode
        self.received = b""
        if path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.address = f"unix:{path}"
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exc):
        self._released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError, struct.error):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        stream = connection.makefile("rwb")
        command = b""
        while not command.endswith(b"\0"):
            byte = stream.read(1)
            if not byte:
                return
            command += byte
        if command == b"zPING\0":
            stream.write(b"PONG\0")
            stream.flush()
            return
        assert command == b"zINSTREAM\0"
        if self.mode == "hang_up":
            return
        self._take(stream)
        if self.mode == "hang":
            self._released.wait(30)
            return
        stream.write(self._answer())
        stream.flush()

    def _take(self, stream) -> None:
        self.received = b""
        while True:
            (length,) = struct.unpack(">I", stream.read(4))
            if length == 0:
                return
            self.received += stream.read(length)
            if self.mode == "limit":
                return

    def _answer(self) -> bytes:
        if self.mode == "answer":
            return b"stream: Eicar-Signature FOUND\0" if MARK in self.received else b"stream: OK\0"
        return {
            "garbage": b"HTTP/1.1 200 OK\0",
            "half": b"stream: O",
            "limit": b"INSTREAM size limit exceeded. ERROR\0",
            "endless": b"x" * 10_000,
            "error": b"stream: OK ERROR\0",
        }[self.mode]
