"""What lies in a PostgreSQL data folder: making one, and finding out who runs on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from sambruk.operations.errors import DatabaseError, DataFolderError
from sambruk.operations.system_user import RunAs

MAJOR = "18"
SUPERUSER = "postgres"
#: The folder of the unix socket, inside the cluster's own.
SOCKETS = "socket"

#: Passwords are 32 random bytes, so stretching them adds nothing but 5 ms to each new connection.
_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "200",
    "password_encryption": "'scram-sha-256'",
    "scram_iterations": "64",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_duration_statement": "-1",
    # A statement or its parameters may hold personal data: neither goes to the log.
    "log_min_error_statement": "'panic'",
    "log_parameter_max_length_on_error": "0",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "idle_in_transaction_session_timeout": "'5min'",
}
#: For tests: a crash of the machine may lose everything, a crash of the server nothing (commits are still
#: written before they are answered; only the disk is not waited for).
_NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "'128MB'",
}
#: What the server's log says when its files are not whole.
_DAMAGE = (
    "could not locate a valid checkpoint",
    "invalid data in file",
    "invalid primary checkpoint",
    "PANIC:",
    "could not open file",
    "could not open directory",
    "incorrect checksum",
    "database files are incompatible",
)
_ACCESS = """\
# Everybody proves who they are with a password, on the socket too.
local   all   all                  scram-sha-256
host    all   all   127.0.0.1/32   scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says: the server's process and port, and whether it takes connections."""

    pid: int
    port: int
    ready: bool


def environment() -> dict[str, str]:
    """Return an environment for PostgreSQL's programs, free of the caller's PG* settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def create(folder: Path, bin_folder: Path, user: RunAs, *, password: str, durable: bool) -> None:
    """Make a cluster at ``folder``, which does not exist yet: all or nothing, by a rename at the end.

    Encoding UTF-8; text sorts by code point (the same order on every server) while upper and lower case,
    ILIKE and trigrams know å, ä and ö, which the plain C locale does not. Raises DataFolderError where the
    place is full or not writable.
    """
    partial = folder.with_name(f"{folder.name}.ny")
    if partial.exists():
        shutil.rmtree(partial)  # what a first start that was killed left behind
    try:
        partial.mkdir(mode=0o700)
        if user.other:
            os.chown(partial, user.uid, user.gid)
        _initdb(partial, bin_folder, user, password=password, durable=durable)
        settings = _SETTINGS | ({} if durable else _NOT_DURABLE)
        with (partial / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        (partial / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
        partial.rename(folder)
    except OSError as error:
        raise DataFolderError(
            f"Mappen {folder.parent} går inte att skriva i ({error.strerror}). Välj en annan med --data.",
            "not_writable",
        ) from error


def _initdb(partial: Path, bin_folder: Path, user: RunAs, *, password: str, durable: bool) -> None:
    command = [
        str(bin_folder / "initdb"),
        "-D",
        str(partial),
        "-U",
        SUPERUSER,
        "--encoding=UTF8",
        "--auth=scram-sha-256",
    ]
    command += ["--no-instructions", "--data-checksums", *_locale()]
    if not durable:
        command.append("--no-sync")
    # Beside the folder, which must be empty; on standard input the other user may not open it.
    password_file = partial.with_name(f"{partial.name}.losenord")
    password_file.touch(mode=0o600)
    password_file.write_text(password + "\n", encoding="utf-8")
    if user.other:
        os.chown(password_file, user.uid, user.gid)
    command.append(f"--pwfile={password_file}")
    try:
        done = _run(command, user)
    finally:
        password_file.unlink()
    if done.returncode == 0:
        return
    shutil.rmtree(partial, ignore_errors=True)
    words = " ".join(done.stderr.split())
    if "No space left" in words:
        raise DataFolderError(
            f"Disken är full: det finns ingen plats för databasen i {partial.parent}.", "no_space"
        )
    raise DatabaseError(f"Databasen kunde inte skapas i {partial.parent}: {words[-300:]}")


def _run(command: list[str], user: RunAs) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # noqa: S603 - our own program
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(),
        **user.popen_options(),
    )


def _locale() -> list[str]:
    import locale

    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ["--locale=C"]
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    # The built-in provider for upper and lower case; lc_ctype for pg_trgm, which asks the C library.
    return ["--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def check(folder: Path, user: RunAs) -> None:
    """Raise DataFolderError unless the folder holds a cluster of ours, of this version, of this user's."""
    if folder.stat().st_uid != user.uid:
        raise DataFolderError(
            f"Databasen i {folder} tillhör en annan användare. "
            "Kör som den användaren eller välj en annan mapp med --data.",
            "foreign_owner",
        )
    try:
        version = (folder / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        version = ""
    if not version or not (folder / "global" / "pg_control").is_file():
        raise damaged(folder)
    if version != MAJOR:
        raise DataFolderError(
            f"Databasen i {folder} är gjord av PostgreSQL {version}, men den här versionen kör {MAJOR}. "
            "Flytta över den med pg_upgrade eller välj en annan mapp med --data.",
            "damaged",
        )


def damaged(folder: Path) -> DataFolderError:
    """Return the error for a cluster that cannot be started because its files are not whole."""
    return DataFolderError(
        f"Databasen i {folder} är skadad. Läs in en säkerhetskopia, eller börja om från början med --fresh.",
        "damaged",
    )


def start_error(folder: Path, log: str) -> DataFolderError | DatabaseError:
    """Return why a server did not start, from what it wrote to its log."""
    if "No space left on device" in log:
        return DataFolderError(f"Disken är full: databasen i {folder} kan inte starta.", "no_space")
    if any(sign in log for sign in _DAMAGE):
        return damaged(folder)
    lines = [line for line in log.splitlines() if line.strip()]
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return DatabaseError(f"Databasen i {folder} startar inte: {(fatal or lines or ['loggen är tom'])[-1]}")


def read_postmaster(folder: Path) -> Postmaster | None:
    """Return what the server wrote when it started; None without the file or while it is half written."""
    try:
        lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, PermissionError):
        return None
    if len(lines) < 4 or not (lines[0].strip().isdigit() and lines[3].strip().isdigit()):
        return None
    ready = len(lines) >= 8 and lines[7].strip() == "ready"
    return Postmaster(int(lines[0]), int(lines[3]), ready)


def is_server(pid: int, folder: Path) -> bool:
    """Say whether the process lives and is a PostgreSQL server on this folder.

    A zombie is dead, and a process that was given a dead server's number is not the server.
    """
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and process.name().startswith("postgres")
            and Path(process.cwd()) == folder
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def leftovers(folder: Path) -> Iterator[psutil.Process]:
    """Yield every living PostgreSQL process on this folder, the children of a killed server included."""
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"].startswith("postgres") and is_server(process.pid, folder):
                yield process


def clear_after_kill(folder: Path, wait: float = 5.0) -> None:
    """Make a folder whose server was killed startable again; call only when no server runs on it.

    The killed server's children see its death and leave by themselves; one that is busy is killed after
    ``wait`` seconds, since the new server refuses to start beside it. Then the stale ``postmaster.pid`` and
    the socket's lock go: PostgreSQL itself takes a zombie with that number for a living server.
    """
    _gone, alive = psutil.wait_procs(list(leftovers(folder)), timeout=wait)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=wait)
    (folder / "postmaster.pid").unlink(missing_ok=True)
    for stale in (folder / SOCKETS).glob(".s.PGSQL.*"):
        stale.unlink(missing_ok=True)


def scratch_folder(user: RunAs, prefix: str = "sambruk-") -> Path:
    """Return a new temporary folder that the database's user can reach (pytest's own are closed to it)."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if user.other:
        os.chown(folder, user.uid, user.gid)
    return folder
