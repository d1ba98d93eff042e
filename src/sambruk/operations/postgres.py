"""PostgreSQL, embedded: a server of our own on a folder of its own, started, watched and stopped by us."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from sambruk.operations import cluster
from sambruk.operations.database_keys import DATABASE, ROLES, DatabaseKeys, ensure_contents
from sambruk.operations.errors import DatabaseError, DataFolderError
from sambruk.operations.system_user import HOME, binaries, can_reach, database_user


@dataclass(frozen=True, slots=True)
class Urls:
    """Connection addresses (with passwords: never print them), one a role.

    ``application`` runs the web and the jobs, ``owner`` migrates, ``backup`` reads all, ``admin`` is the
    superuser (tests make databases with it).
    """

    application: str
    owner: str
    backup: str
    admin: str


class EmbeddedPostgres:
    """A PostgreSQL server whose files lie in ``data/postgres``.

    ``start`` makes what is missing, adopts a server that already runs on the folder, and recovers one that
    was killed. It listens on 127.0.0.1 alone and asks everybody for a password; the passwords are made at
    first start and kept in ``data/secrets/database.json`` (0600). As root it runs as the system user
    ``sambruk``; no existing folder's mode is changed: where that user cannot reach ``data``, the files go
    to ``/var/lib/sambruk`` and ``data/postgres`` points there.

    ``durable=False`` is for tests: it survives a killed server, not a killed machine.
    Raises DataFolderError or DatabaseError, each with one Swedish sentence.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data.expanduser().absolute()
        self.durable = durable
        self._user = database_user()
        self._keys = DatabaseKeys(self.data / "secrets")
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()

    # -- where things are

    @property
    def folder(self) -> Path:
        """The cluster's own folder, links followed."""
        return (self.data / "postgres").resolve()

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id while it lives, else None."""
        found = cluster.read_postmaster(self.folder)
        return found.pid if found and cluster.is_server(found.pid, self.folder) else None

    @property
    def port(self) -> int:
        """The port on 127.0.0.1. Raises DatabaseError where no server runs."""
        found = cluster.read_postmaster(self.folder)
        if found is None:
            raise DatabaseError("Databasen är inte igång.")
        return found.port

    @property
    def urls(self) -> Urls:
        """The addresses of a running server. Raises DatabaseError where none runs."""
        return Urls(self.url("application"), self.url("owner"), self.url("backup"), self.url("admin"))

    def url(self, role: str = "application", database: str = DATABASE) -> str:
        """Return one role's address (``application``, ``owner``, ``backup``, ``admin``) to a database."""
        name = cluster.SUPERUSER if role == "admin" else ROLES[role]
        password = quote(self._keys.passwords()[role], safe="")
        return f"postgresql://{name}:{password}@127.0.0.1:{self.port}/{quote(database)}"

    # -- life

    def start(self) -> None:
        """Bring the server to where it takes connections, with roles and database in place."""
        with self._lock, self._alone():
            self._stopping.clear()
            self._prepare()
            if not self._adopt():
                self._launch()
            ensure_contents(self.url("admin", "postgres"), self._keys.passwords())

    def stop(self, wait: float = 30.0) -> None:
        """Stop the server: sessions are ended, everything is written. Nothing happens where none runs."""
        self._stopping.set()
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()
            self._watcher = None
        with self._lock:
            # A start that was interrupted has a process, but has not written its number yet.
            pid = self.pid or (self._process.pid if self._process and not self._exited() else None)
            if pid is None:
                return
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if self._wait_until(lambda: self._dead(pid), wait):
                    break
            self._reap()

    def watch(self, on_restart: Callable[[], None] | None = None, every: float = 0.5) -> None:
        """Start a thread that starts the server again when it was killed, and tells ``on_restart``."""
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, args=(on_restart, every), daemon=True)
            self._watcher.start()

    def remove(self) -> None:
        """Stop the server and delete its files and passwords (not the rest of the data folder)."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        link = self.data / "postgres"
        if link.is_symlink():
            link.unlink()
        self._keys.remove()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- steps of the start

    def _prepare(self) -> None:
        """Make the cluster unless there is one; refuse what is not ours."""
        if self.folder.exists():
            cluster.check(self.folder, self._user)
            self._keys.passwords()
            return
        if (self.data / "postgres").is_symlink():
            raise DataFolderError(
                f"Databasen som {self.data} pekar på finns inte längre. Börja om från början med --fresh.",
                "damaged",
            )
        password = self._keys.make()["admin"]
        target = self.data / "postgres"
        if not can_reach(self.data, self._user):
            HOME.mkdir(parents=True, exist_ok=True)
            target = HOME / f"kluster-{secrets.token_hex(8)}"
        cluster.create(target, binaries(self._user), self._user, password=password, durable=self.durable)
        if target.parent != self.data:
            (self.data / "postgres").symlink_to(target)

    def _adopt(self) -> bool:
        """Take over a server that already runs on the folder; False where none does."""
        found = cluster.read_postmaster(self.folder)
        if found is None or not cluster.is_server(found.pid, self.folder):
            return False
        # It may be on its way down, or have been killed this very moment: then it is started like any other.
        if not self._wait_until(lambda: self._ready() or self.pid is None, 60):
            raise DatabaseError(f"Databasen i {self.folder} är igång men svarar inte. Se {self.log}.")
        return self.pid is not None

    def _launch(self) -> None:
        """Start a server, after clearing up what a killed one left."""
        self._reap()
        cluster.clear_after_kill(self.folder)
        runtime = self.folder / cluster.SOCKETS
        if not runtime.exists():
            runtime.mkdir(mode=0o700)
            os.chown(runtime, self._user.uid, self._user.gid)
        command = [
            str(binaries(self._user) / "postgres"),
            "-D",
            str(self.folder),
            "-p",
            str(self._keys.choose_port()),
        ]
        # A socket's address may be 107 bytes at most; the loopback port is there in any case.
        command += ["-k", str(runtime) if len(os.fsencode(runtime)) < 90 else ""]
        start = self.log.stat().st_size if self.log.exists() else 0
        # The folder is the database user's: as root, follow no link that may have been laid there.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self.log, flags, 0o600), "ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=cluster.environment(),
                start_new_session=True,  # Ctrl-C at the terminal is ours to handle, in order
                umask=0o077,
                **self._user.popen_options(),
            )
        if not self._wait_until(lambda: self._ready() or self._exited(), 120) or self._exited():
            self._reap()
            raise cluster.start_error(self.folder, self.log.read_bytes()[start:].decode("utf-8", "replace"))

    # -- small parts

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start a server on this folder; make the folder if it is missing."""
        try:
            self.data.mkdir(mode=0o711 if self._user.other else 0o700, parents=True, exist_ok=True)
            if os.geteuid() not in (0, self.data.stat().st_uid):
                raise DataFolderError(
                    f"Mappen {self.data} tillhör en annan användare. Välj en annan med --data.",
                    "foreign_owner",
                )
            descriptor = os.open(self.data / ".start", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataFolderError(
                f"Mappen {self.data} går inte att skriva i ({error.strerror}). Välj en annan med --data.",
                "not_writable",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _ready(self) -> bool:
        found = cluster.read_postmaster(self.folder)
        if not (found and found.ready and cluster.is_server(found.pid, self.folder)):
            return False
        try:
            psycopg.connect(self.url("admin", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise DataFolderError(
                    f"Lösenorden i {self._keys.file} hör till en annan databas. "
                    "Lägg tillbaka rätt fil, eller börja om med --fresh.",
                    "damaged",
                ) from None
            return False
        return True

    def _exited(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _reap(self) -> None:
        """Take our child's exit status, so that no zombie keeps its number."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None

    def _dead(self, pid: int) -> bool:
        self._reap()
        ours = self._process is not None and self._process.pid == pid
        return not ours and not cluster.is_server(pid, self.folder)

    def _watch(self, on_restart: Callable[[], None] | None, every: float) -> None:
        while not self._stopping.wait(every):
            if self.pid is not None:
                continue
            with self._lock:
                if self._stopping.is_set() or self.pid is not None:
                    continue
                with contextlib.suppress(DatabaseError), self._alone():
                    self._launch()
                    if on_restart:
                        on_restart()

    @staticmethod
    def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.03)
        return condition()
