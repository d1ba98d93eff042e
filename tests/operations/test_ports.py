"""A taken port is one sentence, with a command that works."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sambruk.operations import ports


@pytest.fixture
def taken() -> int:  # type: ignore[misc]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_is_given_back() -> None:
    port = ports.any_free()
    assert ports.require(port, "./sambruk demo") == port


def test_a_taken_port_names_one_that_is_free(taken: int) -> None:
    with pytest.raises(ports.PortTaken) as raised:
        ports.require(taken, "./sambruk demo")
    suggested = re.search(r"\./sambruk demo --port (\d+)$", raised.value.message_sv)
    assert suggested is not None
    assert ports.is_free(int(suggested[1]))
    assert str(taken) in raised.value.message_sv


def test_the_demo_says_so_in_one_line_and_touches_nothing(taken: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sambruk.cli", "demo", "--port", str(taken), "--data", str(tmp_path / "d")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"Porten {taken} används redan" in done.stderr
    assert not (tmp_path / "d").exists()


def test_inner_ports_are_the_same_next_time_unless_taken(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.remembered(file, ("idp", "smtp"))
    assert len(set(first.values())) == 2
    assert ports.remembered(file, ("idp", "smtp")) == first
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first["idp"]))
        listener.listen()
        second = ports.remembered(file, ("idp", "smtp"))
    assert second["idp"] != first["idp"]
    assert second["smtp"] == first["smtp"]
