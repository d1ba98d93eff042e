import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.platform.documents.clamd_server import MARK, ClamdServer

from sambruk.platform.documents.virus import Scanner, VerdictKind


@pytest.fixture(params=["unix", "tcp"])
def where(request, tmp_path):
    return tmp_path / "clamd.ctl" if request.param == "unix" else None


def test_clean_and_found(where):
    with ClamdServer(path=where) as server:
        scanner = Scanner(server.address)
        assert scanner.ping()
        clean = scanner.scan([b"hej ", b"hopp"])
        assert clean.kind is VerdictKind.CLEAN
        assert clean.is_clean
        assert server.received == b"hej hopp"
        found = scanner.scan([b"xx" + MARK])
        assert found.kind is VerdictKind.FOUND
        assert found.detail == "Eicar-Signature"
        assert not found.is_clean


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=200_000), max_size=3))
def test_the_scanner_gets_exactly_the_file(chunks):
    with ClamdServer() as server:
        Scanner(server.address).scan(chunks)
    assert server.received == b"".join(chunks)


@pytest.mark.parametrize("mode", ["hang_up", "garbage", "half", "limit", "endless", "error"])
def test_no_clear_answer_is_never_clean(mode, where):
    with ClamdServer(mode, where) as server:
        verdict = Scanner(server.address).scan([b"x" * 65536] * 50)
    assert verdict.kind is VerdictKind.UNAVAILABLE
    assert verdict.detail
    assert ("no end" in verdict.detail) == (mode == "endless")


def test_a_scanner_that_hangs_is_left_in_time(where):
    with ClamdServer("hang", where) as server:
        began = time.monotonic()
        verdict = Scanner(server.address, total_seconds=0.3).scan([b"x"])
        assert time.monotonic() - began < 3
    assert verdict.kind is VerdictKind.UNAVAILABLE


def test_a_slow_source_counts_too():
    def slow():
        yield b"x"
        time.sleep(0.3)
        yield b"y"

    with ClamdServer() as server:
        verdict = Scanner(server.address, total_seconds=0.1).scan(slow())
    assert verdict.kind is VerdictKind.UNAVAILABLE
    assert "too long" in verdict.detail


def test_a_scanner_that_is_gone(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/none.ctl"):
        scanner = Scanner(address, connect_seconds=1)
        assert scanner.scan([b"x"]).kind is VerdictKind.UNAVAILABLE
        assert not scanner.ping()


@pytest.mark.parametrize("address", ["", "localhost", "tcp://localhost", "http://localhost:1", "unix:"])
def test_addresses_that_are_none(address):
    with pytest.raises(ValueError):
        Scanner(address)
