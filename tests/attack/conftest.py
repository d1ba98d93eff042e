"""A web of two processes with its limits on, behind what it takes for a proxy: one for all these tests."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from tests.support.principals import JARFALLA
from tests.support.server import Server
from tests.support.web import Web, web

HOST = {"host": "jarfalla.localhost"}
#: What `SAMBRUK_RATE_LIMITS` is there: a tenth of each limit is enough to see it, and soon reached.
FACTOR = 0.1


@dataclass
class Open:
    """The web, and a way to look into its database."""

    web: Web
    admin: psycopg.Connection[Any]

    @contextmanager
    def at(self, address: str = "", **headers: str) -> Iterator[httpx.Client]:
        """A program that asks from an address (none: from where nobody can say)."""
        given = {**HOST, **headers, **({"x-forwarded-for": address} if address else {})}
        # A connection for each request, so that both processes are asked.
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=self.web.address, headers=given, timeout=20, limits=limits) as client:
            yield client

    def connect(self, *scopes: str) -> tuple[str, str]:
        """Let another system in, in Järfälla; return its id and secret."""
        client, secret = f"client-{uuid4().hex}", secrets.token_urlsafe(32)
        self.admin.execute(
            "INSERT INTO identity_apiclient (tenant_id, id, client_id, name, secret_hash, scopes, active,"
            " created_at) VALUES (%s, %s, %s, 'Gatubolaget', %s, %s, true, now())",
            (JARFALLA, uuid4(), client, hashlib.sha256(secret.encode()).hexdigest(), json.dumps(scopes)),
        )
        return client, secret


@pytest.fixture(scope="session")
def open_web(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Started once, when first asked for."""
    data: Path = tmp_path_factory.mktemp("open-web")
    with database_server.clone() as name:
        own = {"SAMBRUK_RATE_LIMITS": str(FACTOR), "SAMBRUK_TRUSTED_PROXIES": "127.0.0.1"}
        with web(database_server.url("application", name), data, workers=2, **own) as server:
            server.ready()
            with psycopg.connect(database_server.url("admin", name), autocommit=True) as admin:
                yield Open(server, admin)
