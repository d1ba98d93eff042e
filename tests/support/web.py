"""The web as processes of its own, and a browser over real HTTP that reports a fault in a street."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from sambruk.platform.exchange import failpoints

ROOT = Path(__file__).resolve().parents[2]
_SERVE = (
    "from sambruk.operations.serving import serve_web; "
    "serve_web(host='127.0.0.1', port={}, workers={}, threads=4)"
)
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')

WHAT = {"kind": "road", "danger": "no", "description": "Ett stort hål mitt i gatan.", "continue": "1"}
WHERE = {"place.address": "Storgatan 1", "place.lat": "", "place.lon": "", "place.description": "vid kiosken"}
CONTACT = {"wants_answer": "no", "continue": "1"}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Web:
    """A running web server in a session of its own."""

    def __init__(
        self, database_url: str, data: Path, *, failpoint: str = "", workers: int = 1, **environment: str
    ) -> None:
        self.port = free_port()
        own = {
            "DJANGO_SETTINGS_MODULE": "sambruk.config.settings",
            "DATABASE_URL": database_url,
            "SAMBRUK_DATA": str(data),
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            failpoints.ENVIRONMENT: failpoint,
        }
        self.log = (data / f"web-{self.port}.log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE.format(self.port, workers)],
            env={**os.environ, **own, **environment},
            cwd=ROOT,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self, seconds: float = 60) -> None:
        """Wait until it answers."""
        end = time.monotonic() + seconds
        while True:
            try:
                if httpx.get(f"{self.address}/halsa/", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < end and self.process.poll() is None, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        """All that it has written."""
        self.log.flush()
        return Path(self.log.name).read_text("utf-8", "replace")

    def kill(self) -> None:
        """As power loss would: it and its workers at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def web(
    database_url: str, data: Path, *, failpoint: str = "", workers: int = 1, **environment: str
) -> Iterator[Web]:
    """Give a server; it is killed at the end."""
    data.mkdir(parents=True, exist_ok=True)
    server = Web(database_url, data, failpoint=failpoint, workers=workers, **environment)
    try:
        yield server
    finally:
        server.kill()
        server.log.close()


class Reporter:
    """A browser without login at one municipality. Its methods raise httpx errors when the server dies."""

    def __init__(self, server: Web, host: str = "jarfalla.localhost") -> None:
        self.draft = ""
        self.client = httpx.Client(timeout=30, headers={"Host": host})
        self.at(server)

    def at(self, server: Web) -> None:
        """Go on at another server, with the same cookies."""
        self.client.base_url = server.address

    def token(self, path: str) -> str:
        """The token of a page's form."""
        page = self.client.get(path)
        found = _TOKEN.search(page.text)
        assert found is not None, (path, page.status_code, page.text[-2000:])
        return found[1]

    def post(self, path: str, data: dict[str, str], page: str = "", **more: object) -> httpx.Response:
        """Send a form from its page."""
        token = self.token(page or path)
        return self.client.post(path, data={**data, "csrfmiddlewaretoken": token}, **more)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Begin a report."""
        path = "/tjanster/felanmalan/"
        answer = self.post(f"{path}borja/", {}, path)
        assert answer.status_code == 302, answer.text[-2000:]
        self.draft = answer.headers["Location"]

    def fill(self) -> None:
        """Fill in every step."""
        for step, data in (("what", WHAT), ("where", WHERE), ("contact", CONTACT)):
            answer = self.post(f"{self.draft}{step}/", data)
            assert answer.status_code == 302, (step, answer.status_code, answer.text[-2000:])

    def send(self) -> str:
        """Send it in; return the case's id as the receipt that was shown names it, or "" without one."""
        page = self.client.get(f"{self.draft}granska/")
        if page.status_code == 200:
            token = _TOKEN.search(page.text)
            assert token is not None
            page = self.client.post(f"{self.draft}granska/", data={"csrfmiddlewaretoken": token[1]})
        if page.status_code != 302 or "/kvitto/" not in page.headers["Location"]:
            return ""
        where = page.headers["Location"]
        receipt = self.client.get(where)
        return where.split("/")[2] if receipt.status_code == 200 else ""
