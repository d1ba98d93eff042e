"""The demo's data folder: marked as ours, used by one demo at a time, its secrets made at first start."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pwd
import secrets
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sambruk.operations.database_keys import write_secret
from sambruk.operations.errors import DataFolderError
from sambruk.operations.system_user import HOME

MARKER = ".sambruk-demo"
_LOCK = "demo.lock"
_LAYOUT = 1


def default_folder() -> Path:
    """Return where the demo keeps its data unless told otherwise.

    As root ``/var/lib/sambruk``, which the database's user can reach; else ``.sambruk`` in the clone, or the
    user's own data folder where the package is installed without one.
    """
    if os.geteuid() == 0:
        return HOME / "demo"
    clone = Path(__file__).resolve().parents[3]
    if (clone / "pyproject.toml").is_file() and os.access(clone, os.W_OK):
        return clone / ".sambruk"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sambruk"


class DataFolder:
    """A demo's folder, held by this process until ``close``.

    Made by ``open``. Holds ``postgres/`` (or a link to it), ``documents/``, ``mail/``, ``logs/`` and
    ``secrets/``; nobody but its owner can list it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path, *, fresh: bool = False) -> Self:
        """Take the folder, making it if missing; ``fresh`` empties it first, only where it carries our mark.

        Raises DataFolderError with one sentence where it is somebody else's, holds something else, is in use
        by another demo, or cannot be written.
        """
        path = path.expanduser().absolute()
        _refuse_foreign(path)
        try:
            path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataFolderError(
                f"Mappen {path} går inte att skriva i ({error.strerror}). Välj en annan med --data.",
                "not_writable",
            ) from error
        folder = cls(path, descriptor)
        try:
            folder._take()
            if fresh:
                folder._empty()
            folder._mark()
        except BaseException:
            folder.close()
            raise
        return folder

    def announce(self, address: str) -> None:
        """Write who holds the folder and where its page is, for whoever tries to start a second demo."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)

    def close(self) -> None:
        """Let the folder go."""
        with suppress(OSError):
            os.close(self._descriptor)

    def sub(self, name: str) -> Path:
        """Return a folder inside, closed to others, made if missing."""
        made = self.path / name
        made.mkdir(mode=0o700, exist_ok=True)
        return made

    def environment(self) -> dict[str, str]:
        """Return the demo's secrets as environment variables, made at first start and the same ever after."""
        file = self.path / "secrets" / "environment.json"
        try:
            found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            found = {}
        except ValueError:
            raise DataFolderError(
                f"Nycklarna i {file} är skadade. Lägg tillbaka filen, eller börja om med --fresh.",
                "damaged",
            ) from None
        missing = {name: make() for name, make in _SECRETS.items() if name not in found}
        if missing:
            found |= missing
            write_secret(file, json.dumps(found, indent=1))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = ""
            with suppress(ValueError, KeyError):
                told = json.loads(os.pread(self._descriptor, 1000, 0))
                where = f" på {told['address']} (process {told['pid']})"
            raise DataFolderError(
                f"Mappen {self.path} används redan av en demo som körs{where}. "
                "Stoppa den med Ctrl-C, eller välj en annan mapp med --data.",
                "in_use",
            ) from None

    def _empty(self) -> None:
        """Delete what is in the folder, the database first; the lock stays, since we hold it."""
        from sambruk.operations.postgres import EmbeddedPostgres

        EmbeddedPostgres(self.path).remove()
        for entry in self.path.iterdir():
            if entry.name == _LOCK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _mark(self) -> None:
        marker = self.path / MARKER
        if marker.exists():
            try:
                layout = json.loads(marker.read_text(encoding="utf-8"))["layout"]
            except (ValueError, KeyError, TypeError):
                raise DataFolderError(
                    f"Mappen {self.path} är skadad: {MARKER} går inte att läsa. "
                    "Läs in en säkerhetskopia, eller välj en annan mapp med --data.",
                    "damaged",
                ) from None
            if layout != _LAYOUT:
                raise DataFolderError(
                    f"Mappen {self.path} gjordes av en annan version av Sambruk. Börja om med --fresh.",
                    "damaged",
                )
            return
        marker.write_text(json.dumps({"layout": _LAYOUT, "python": sys.version.split()[0]}), encoding="utf-8")


def _refuse_foreign(path: Path) -> None:
    """Raise where the path is another user's, or holds anything that is not a demo of ours."""
    try:
        if not path.exists():
            return
        owner = path.stat().st_uid
        names = {entry.name for entry in path.iterdir()} if path.is_dir() else None
    except PermissionError:
        raise DataFolderError(
            f"Mappen {path} tillhör en annan användare. Välj en annan med --data.", "foreign_owner"
        ) from None
    if names is None:
        raise DataFolderError(f"{path} är en fil, inte en mapp. Välj en mapp med --data.", "not_ours")
    if owner != os.geteuid():
        raise DataFolderError(
            f"Mappen {path} tillhör användaren {_user_name(owner)}. Kör som den användaren, "
            "eller välj en annan mapp med --data.",
            "foreign_owner",
        )
    if names - {_LOCK} and MARKER not in names:
        raise DataFolderError(
            f"Mappen {path} innehåller annat än Sambruks demo, så vi rör den inte. Välj en annan med --data.",
            "not_ours",
        )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _field_keys() -> str:
    from sambruk.common.crypto import new_key_entry

    return new_key_entry("demo")


_SECRETS: dict[str, Callable[[], str]] = {
    "SAMBRUK_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "SAMBRUK_FIELD_KEYS": _field_keys,
    "SAMBRUK_AUDIT_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode("ascii"),
    "SAMBRUK_DEMO_IDP_SECRET": lambda: secrets.token_urlsafe(32),
}
