"""The demo as a person meets it: one command, repaired when a part dies, gone with Ctrl-C, found again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from sambruk.operations.cluster import scratch_folder
from sambruk.operations.ports import any_free
from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.operations.system_user import database_user

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.timeout(600)]


class Demo:
    """A demo in a process of its own, and what it has said."""

    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.said = ""
        command = [sys.executable, "-m", "sambruk.cli", "demo", "--data", str(data), "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMBRUK_")}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.said += line

    def wait_until(self, condition: Callable[[], object], seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.1)

    def wait_open(self) -> None:
        self.wait_until(lambda: "Öppna http" in self.said)

    def start_page(self) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{self.port}/demo/",
            headers={"Host": f"localhost:{self.port}"},
            timeout=30,
            trust_env=False,
        )

    def parts(self, word: str) -> list[int]:
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if word in " ".join(child.cmdline())]

    def finish(self, number: int, seconds: float = 60) -> int:
        self.process.send_signal(number)
        code = self.process.wait(seconds)
        self._reader.join(10)
        return code


@pytest.fixture
def data() -> Iterator[Path]:
    folder = scratch_folder(database_user())
    (folder / "demo").mkdir()
    yield folder / "demo"
    EmbeddedPostgres(folder / "demo").remove()
    shutil.rmtree(folder)


@pytest.fixture
def demo(data: Path) -> Iterator[Callable[[], Demo]]:
    started: list[Demo] = []

    def start() -> Demo:
        started.append(Demo(data, any_free()))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.finish(signal.SIGTERM)


def _processes_of(data: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "environ"]):
        if (process.info["environ"] or {}).get("SAMBRUK_DATA") == str(data):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


def test_a_demos_whole_life(data: Path, demo: Callable[[], Demo]) -> None:
    first = demo()
    first.wait_open()
    page = first.start_page()
    assert page.status_code == 200
    for word in ("Järfälla kommun", "Botkyrka kommun", "Jönköpings kommun", "Streamflow", "inte byggt än"):
        assert word in page.text
    assert f"http://jarfalla.localhost:{first.port}/logga-in/?som=anna" in page.text

    # A second one on the same folder is told where the first is, and changes nothing.
    second = demo()
    assert second.process.wait(60) == 1
    assert f"används redan av en demo som körs på http://localhost:{first.port}/demo/" in second.said

    # A part that dies is named and comes back.
    (web,) = first.parts("serve")
    os.kill(web, signal.SIGKILL)
    first.wait_until(lambda: "Webben stannade (avbruten av SIGKILL)" in first.said, 30)
    first.wait_until(lambda: first.parts("serve") not in ([], [web]), 30)
    first.wait_until(lambda: _answers(first), 60)

    # So does the database.
    server = EmbeddedPostgres(data)
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    first.wait_until(lambda: "Databasen stannade och är igång igen." in first.said, 30)

    # Ctrl-C stops all of it.
    assert first.finish(signal.SIGINT) == 0
    assert "Allt är stoppat" in first.said
    assert _processes_of(data) == []
    assert server.pid is None

    # The next start finds what was there, also after a supervisor that was killed.
    keys = (data / "secrets" / "environment.json").read_text()
    third = demo()
    third.wait_open()
    third.finish(signal.SIGKILL)
    fourth = demo()
    fourth.wait_open()
    assert (data / "secrets" / "environment.json").read_text() == keys
    assert fourth.start_page().status_code == 200
    assert fourth.finish(signal.SIGTERM) == 0
    assert _processes_of(data) == []


def _answers(demo: Demo) -> bool:
    try:
        return demo.start_page().status_code == 200
    except httpx.HTTPError:
        return False
