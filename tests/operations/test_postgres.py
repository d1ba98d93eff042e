"""The embedded server comes up whatever state it was left in, keeps what was committed, and guards itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from sambruk.operations import cluster
from sambruk.operations.errors import DataFolderError
from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.operations.system_user import binaries, can_reach, database_user

pytestmark = pytest.mark.fault
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what root alone can do or must be spared from")


def _wait(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _kill(server: EmbeddedPostgres) -> int:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: server.pid is None)
    return pid


def _one(server: EmbeddedPostgres, query: str, role: str = "application") -> object:
    with psycopg.connect(server.url(role)) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def test_it_answers_as_each_role_and_only_with_the_password(postgres: EmbeddedPostgres) -> None:
    assert _one(postgres, "SELECT current_user") == "sambruk_app"
    assert _one(postgres, "SELECT current_user", "owner") == "sambruk_owner"
    assert _one(postgres, "SELECT current_user", "backup") == "sambruk_backup"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://sambruk_app:wrong@127.0.0.1:{postgres.port}/sambruk")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            f"postgresql://postgres:wrong@/postgres?host={postgres.folder / 'socket'}&port={postgres.port}"
        )


def test_it_listens_on_the_loopback_address_alone(postgres: EmbeddedPostgres) -> None:
    assert _one(postgres, "SHOW listen_addresses") == "127.0.0.1"


def test_text_sorts_by_code_point_and_knows_swedish_letters(postgres: EmbeddedPostgres) -> None:
    assert _one(postgres, "SELECT lower('ÅÄÖ')") == "åäö"
    assert _one(postgres, "SELECT 'Öberg' ILIKE 'ö%'") is True
    assert (
        _one(postgres, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{ö,Z,a,ä,A,å}'::text[]) x")
        == "AZaäåö"
    )


def test_secrets_are_readable_by_their_owner_alone(postgres: EmbeddedPostgres) -> None:
    folder = postgres.data / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert (postgres.folder).stat().st_mode & 0o777 == 0o700
    assert (postgres.folder / "socket").stat().st_mode & 0o777 == 0o700


def test_a_killed_server_is_recovered_with_what_was_committed(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url("owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    before = postgres.port
    killed = _kill(postgres)
    assert (postgres.folder / "postmaster.pid").exists()
    postgres.start()
    assert postgres.pid not in (None, killed)
    assert postgres.port == before
    assert _one(postgres, "SELECT max(n) FROM kept", "owner") == 7


def test_a_zombie_is_not_taken_for_a_living_server(postgres: EmbeddedPostgres) -> None:
    # Another process of ours is the parent of the new server's predecessor: nobody has reaped it.
    postgres.stop()
    starter = "import os, signal, sys, time\n" + (
        "from pathlib import Path\n"
        "from sambruk.operations.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)\n"
        "server.start()\n"
        "os.kill(server.pid, signal.SIGKILL)\n"
        "print('killed', flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, str(postgres.data)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "killed\n"
        found = cluster.read_postmaster(postgres.folder)
        assert found is not None
        os.kill(found.pid, 0)  # the number is still taken
        postgres.start()
        assert postgres.pid is not None
        assert postgres.pid != found.pid
    finally:
        parent.kill()
        parent.communicate()


def test_a_number_that_another_program_was_given_is_not_the_server(postgres: EmbeddedPostgres) -> None:
    _kill(postgres)
    file = postgres.folder / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert postgres.pid is None
    postgres.start()
    assert postgres.pid not in (None, os.getpid())


def test_the_watcher_starts_a_killed_server_again(postgres: EmbeddedPostgres) -> None:
    told = threading.Event()
    postgres.watch(told.set, every=0.05)
    try:
        for _ in range(2):
            told.clear()
            killed = _kill(postgres)
            assert told.wait(20)
            assert postgres.pid not in (None, killed)
            assert _one(postgres, "SELECT 1") == 1
    finally:
        postgres.stop()
    assert postgres.pid is None


def test_a_living_server_is_adopted(postgres: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(postgres.data, durable=False)
    other.start()
    assert other.pid == postgres.pid
    assert other.urls == postgres.urls


def test_stopping_leaves_no_process_and_can_be_done_twice(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    assert list(cluster.leftovers(postgres.folder)) == []
    postgres.stop()


def test_no_existing_folder_gets_another_mode(data: Path) -> None:
    watched = [*data.parents, data, *database_path_parents()]
    before = {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in watched}
    with EmbeddedPostgres(data, durable=False):
        pass
    assert {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in watched} == before


def database_path_parents() -> list[Path]:
    """Every folder above the database's programs."""
    bin_folder = binaries(database_user())
    return [bin_folder, *bin_folder.parents]


@as_root
def test_data_in_a_closed_folder_is_kept_where_the_database_can_reach_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not can_reach(closed, database_user())
    server = EmbeddedPostgres(closed, durable=False)
    try:
        server.start()
        assert closed.stat().st_mode & 0o777 == 0o700
        assert server.folder.parent == Path("/var/lib/sambruk")
        assert _one(server, "SELECT 1") == 1
        server.stop()
        again = EmbeddedPostgres(closed, durable=False)
        again.start()
        assert again.folder == server.folder
    finally:
        server.remove()
    assert not server.folder.exists()


def _damage_control_file(folder: Path) -> None:
    (folder / "global" / "pg_control").unlink()


def _damage_log(folder: Path) -> None:
    for file in (folder / "pg_wal").iterdir():
        if file.is_file():
            file.write_bytes(b"\0" * 1024)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@pytest.mark.parametrize("damage", [_damage_control_file, _damage_log, _empty])
def test_a_damaged_folder_is_one_clear_sentence(data: Path, damage: Callable[[Path], None]) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    server.stop()
    damage(server.folder)
    with pytest.raises(DataFolderError) as raised:
        server.start()
    assert raised.value.code == "damaged"
    assert "är skadad" in raised.value.message_sv
    assert "\n" not in raised.value.message_sv


def test_another_version_is_named(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    server.stop()
    (server.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(DataFolderError, match="PostgreSQL 15"):
        server.start()


def test_lost_passwords_are_named(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    server.stop()
    (data / "secrets" / "database.json").unlink()
    with pytest.raises(DataFolderError, match="Lösenorden till databasen saknas"):
        server.start()


@as_root
def test_a_folder_of_another_users_is_refused(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    server.stop()
    os.chown(server.folder, 65534, 65534)
    with pytest.raises(DataFolderError) as raised:
        server.start()
    assert raised.value.code == "foreign_owner"
    os.chown(server.folder, 0, 0)


def test_a_first_start_that_was_interrupted_is_begun_anew(data: Path) -> None:
    half = data / "postgres.ny"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data, durable=False) as server:
        assert _one(server, "SELECT 1") == 1
    assert not half.exists()
