"""The demo's processes: with which command and environment, and how each shows that it is ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from sambruk.operations.folder import DataFolder
from sambruk.operations.ports import LOOPBACK, answers, remembered
from sambruk.operations.postgres import Urls
from sambruk.operations.processes import Part

WEB, WORKER, IDP, MAIL = "webben", "jobben", "testlegitimationen", "e-posten"
_KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "SSL_CERT_FILE",
    "COVERAGE_PROCESS_START",
    # A demo has no map of its own: whoever has a tile server may show it.
    "SAMBRUK_TILE_URL",
    "SAMBRUK_TILE_ATTRIBUTION",
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the parts of one demo need to know of each other."""

    folder: DataFolder
    urls: Urls
    port: int
    idp_port: int
    smtp_port: int

    @classmethod
    def of(cls, folder: DataFolder, urls: Urls, port: int) -> Setup:
        """Choose the inner ports: last time's where they are free, since addresses may be remembered."""
        chosen = remembered(folder.path / "ports.json", ("idp", "smtp"))
        return cls(folder, urls, port, chosen["idp"], chosen["smtp"])

    @property
    def issuer(self) -> str:
        """The test identity provider's address; by number, since programs do not resolve ``*.localhost``."""
        return f"http://{LOOPBACK}:{self.idp_port}"

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """Return the environment of a part: the demo's settings and secrets, nothing of ours but the basics.

        The owner's database address goes to migrations and the loading of data alone.
        """
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        made = {
            "DJANGO_SETTINGS_MODULE": "sambruk.config.settings",
            "SAMBRUK_DEMO": "1",
            "SAMBRUK_TEST_MODE": "1",
            "SAMBRUK_DATA": str(self.folder.path),
            "SAMBRUK_STATIC_ROOT": str(self.folder.sub("static")),
            "SAMBRUK_DOCUMENT_STORE": str(self.folder.sub("documents")),
            "SAMBRUK_SMTP_HOST": LOOPBACK,
            "SAMBRUK_SMTP_PORT": str(self.smtp_port),
            "SAMBRUK_MAIL_FROM": "noreply@sambruk.example",
            "SAMBRUK_DEMO_PORT": str(self.port),
            "SAMBRUK_DEMO_IDP": self.issuer,
            "SAMBRUK_DEMO_IDP_PORT": str(self.idp_port),
            "SAMBRUK_DEMO_SMTP_PORT": str(self.smtp_port),
            "SAMBRUK_DEMO_MAIL": str(self.folder.sub("mail")),
            "DATABASE_URL": self.urls.application,
            "PYTHONUNBUFFERED": "1",
            **self.folder.environment(),
        }
        if owner:
            made["SAMBRUK_OWNER_DATABASE_URL"] = self.urls.owner
        return kept | made

    def log(self, name: str) -> Path:
        """Return a part's log file, begun anew when it has grown large."""
        path = self.folder.sub("logs") / f"{name}.log"
        if path.exists() and path.stat().st_size > 20 * 1024 * 1024:
            path.replace(path.with_suffix(".log.1"))
        return path


def identity_provider(setup: Setup) -> Part:
    """The test identity provider."""
    environment = setup.environment()
    del environment["DATABASE_URL"]
    return Part(
        IDP,
        [sys.executable, "-W", "ignore", "-m", "sambruk.operations.demo.idp"],
        environment,
        setup.log("idp"),
        lambda: _answers_ok(f"{setup.issuer}/.well-known/openid-configuration"),
    )


def mail(setup: Setup) -> Part:
    """The mail server that keeps everything."""
    environment = setup.environment()
    del environment["DATABASE_URL"]
    return Part(
        MAIL,
        [sys.executable, "-m", "sambruk.operations.demo.mail_sink"],
        environment,
        setup.log("mail"),
        lambda: answers(setup.smtp_port),
    )


def web(setup: Setup) -> Part:
    """The web: ready when its readiness page says so."""
    return Part(
        WEB,
        [*_sambruk(), "serve", "--port", str(setup.port), "--workers", "2"],
        setup.environment(),
        setup.log("web"),
        lambda: _answers_ok(f"http://{LOOPBACK}:{setup.port}/redo/", {"Host": f"localhost:{setup.port}"}),
    )


def worker(setup: Setup) -> Part:
    """The jobs: ready as soon as it lives; what was enqueued before that waits in the database."""
    return Part(WORKER, [*_sambruk(), "worker"], setup.environment(), setup.log("worker"), lambda: True)


def migrate_command() -> list[str]:
    """The command that migrates."""
    return [*_sambruk(), "migrate"]


def load_command() -> list[str]:
    """The command that loads the data."""
    return [sys.executable, "-m", "sambruk.operations.demo.load"]


def _sambruk() -> list[str]:
    return [sys.executable, "-m", "sambruk.cli"]


def _answers_ok(url: str, headers: Mapping[str, str] | None = None) -> bool:
    try:
        return httpx.get(url, headers=headers, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
