"""A whole installation for a benchmark: database, migrated, and a web to load; gone when the block ends."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sambruk.operations.ports import LOOPBACK, any_free
from sambruk.operations.postgres import EmbeddedPostgres, Urls
from sambruk.operations.system_user import HOME

KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


@dataclass
class Site:
    """A running installation. `environment` is what its processes run with."""

    urls: Urls
    data: Path
    environment: dict[str, str]
    port: int = 0
    web_pid: int = 0
    cold_start: float = 0.0
    database_pid: int = 0

    def load(
        self, requests: list[dict[str, Any]], *, clients: int, seconds: float, warm: float = 2.0
    ) -> dict[str, Any]:
        """Load the web from another process for some seconds, going round the requests; return its times."""
        job = {"clients": clients, "seconds": seconds, "warm": warm, "requests": requests}
        return self._load(job, seconds + warm)

    def load_once(self, requests: list[dict[str, Any]], *, clients: int, warm_count: int) -> dict[str, Any]:
        """Send each request once, from another process; the first ``warm_count`` are not counted."""
        job = {"clients": clients, "once": True, "warm_count": warm_count, "requests": requests}
        return self._load(job, len(requests) * 1.0)

    def _load(self, job: dict[str, Any], expected: float) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "sambruk.operations.bench.load"],
            input=json.dumps({"port": self.port, **job}) + "\n",
            capture_output=True,
            text=True,
            check=True,
            timeout=expected + 120,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@contextmanager
def installation() -> Iterator[Site]:
    """Start a durable database in its own folder, migrate it, and make this process its application.

    The web is started by `web(site)` when the data is in place. SIGTERM ends the block as Ctrl-C does.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parent = HOME if os.geteuid() == 0 else Path(tempfile.gettempdir())
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as folder:
        data = Path(folder)
        data.chmod(0o755)
        postgres = EmbeddedPostgres(data)
        postgres.start()
        try:
            environment = {
                **{name: os.environ[name] for name in KEPT if name in os.environ},
                "DJANGO_SETTINGS_MODULE": "sambruk.config.settings",
                "SAMBRUK_TEST_MODE": "1",
                # Everybody comes from one address here, which is what the limits are against.
                "SAMBRUK_RATE_LIMITS": "off",
                "SAMBRUK_DATA": str(data),
                "SAMBRUK_SECRET_KEY": secrets.token_urlsafe(48),
                "SAMBRUK_FIELD_KEYS": f"bench:{b64encode(secrets.token_bytes(32)).decode()}",
                "SAMBRUK_AUDIT_KEY": b64encode(secrets.token_bytes(32)).decode(),
                "DATABASE_URL": postgres.urls.application,
                "SAMBRUK_OWNER_DATABASE_URL": postgres.urls.owner,
            }
            os.environ.update(environment)
            _sambruk("migrate", environment)
            site = Site(postgres.urls, data, environment, database_pid=postgres.pid or 0)
            import django

            django.setup()
            yield site
        finally:
            from django.db import connections

            connections.close_all()
            postgres.stop()


def _sambruk(command: str, environment: Mapping[str, str]) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "sambruk.cli", command],
        env=dict(environment),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def web(site: Site, *, workers: int = 2, threads: int = 4) -> Iterator[Site]:
    """Serve the site from processes of its own; `cold_start` is the time until it answers."""
    site.port = any_free()
    begun = time.perf_counter()
    with (site.data / "web.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "sambruk.cli", "serve", "--port", str(site.port),
             "--workers", str(workers), "--threads", str(threads)],
            env=site.environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        while time.perf_counter() - begun < 60:
            try:
                if httpx.get(f"http://{LOOPBACK}:{site.port}/halsa/", timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.02)
        else:
            raise RuntimeError((site.data / "web.log").read_text()[-2000:])
        site.cold_start = time.perf_counter() - begun
        site.web_pid = process.pid
        yield site
    finally:
        process.terminate()
        process.wait(timeout=30)
