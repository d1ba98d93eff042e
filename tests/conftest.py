"""Fixtures of all tests. `docs/architecture.md`, "Tests", says which to use when.

Every test that asks for the database gets a copy of one migrated template and connects as the application's
role: row-level security is on, as in production.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.settings import RUN
from tests.support import server as test_server
from tests.support.principals import BOTKYRKA, JARFALLA, JONKOPING
from tests.support.principals import as_tenant as as_tenant_context
from tests.support.server import Server

if TYPE_CHECKING:
    from sambruk.platform.tenancy.models import Principal


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's server, where this is the run's first process (a worker of xdist is not)."""
    if "PYTEST_XDIST_WORKER" not in os.environ and RUN.exists():
        test_server.release(RUN)


@pytest.fixture(scope="session")
def database_server(django_db_blocker: Any) -> Server:
    """The run's server with its migrated template: ``with database_server.clone() as name`` for one's own."""
    with django_db_blocker.unblock():
        return test_server.obtain(RUN)


def _forget() -> None:
    """Forget what the process remembers of the database that it leaves."""
    from django.db import connections

    from sambruk.platform.tenancy import hosts

    connections["default"].close()
    hosts.forget()


def _connect_to(server: Server, database: str) -> None:
    """Point Django's connections, those of other threads too, at a database, as the application."""
    from urllib.parse import unquote, urlsplit

    from django.db import connections

    _forget()
    parts = urlsplit(server.url("application", database))
    connections["default"].settings_dict.update(
        NAME=database,
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=parts.hostname or "",
        PORT=str(parts.port or ""),
    )


@pytest.fixture(scope="session")
def worker_database(database_server: Server) -> Iterator[str]:
    """This worker's own clone, for tests that roll back."""
    with database_server.clone() as name:
        yield name


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Replace pytest-django's: databases are clones of the template, made when asked for."""


@contextmanager
def _rolled_back(server: Server, database: str) -> Iterator[None]:
    from django.conf import settings
    from django.db import connections, transaction

    if connections["default"].settings_dict["NAME"] != database:
        _connect_to(server, database)
    settings.OWNER_DATABASE_URL = server.url("owner", database)
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def _committing(server: Server) -> Iterator[str]:
    from django.conf import settings

    with server.clone() as name:
        _connect_to(server, name)
        settings.OWNER_DATABASE_URL = server.url("owner", name)
        try:
            yield name
        finally:
            _forget()


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """What ``db``, ``transactional_db``, ``django_db`` and ``live_server`` stand on.

    A test rolls back unless it asks for real transactions; then it has a clone of its own.
    """
    marker = request.node.get_closest_marker("django_db")
    wanted = {"transactional_db", "committed_db", "live_server"} & set(request.fixturenames)
    server: Server = request.getfixturevalue("database_server")
    with django_db_blocker.unblock():
        if wanted or (marker and marker.kwargs.get("transaction")):
            with _committing(server):
                yield
        else:
            with _rolled_back(server, request.getfixturevalue("worker_database")):
                yield


@pytest.fixture
def committed_db(_django_db_helper: None) -> str:
    """A database of the test's own, where transactions are real; its name."""
    from django.db import connections

    return str(connections["default"].settings_dict["NAME"])


def _principal(key: object) -> Principal:
    from sambruk.platform.tenancy.models import Principal

    return Principal.objects.get(pk=key)


@pytest.fixture
def jarfalla(_django_db_helper: None) -> Principal:
    """Järfälla kommun, 0123, at jarfalla.localhost."""
    return _principal(JARFALLA)


@pytest.fixture
def botkyrka(_django_db_helper: None) -> Principal:
    """Botkyrka kommun, 0127, at botkyrka.localhost."""
    return _principal(BOTKYRKA)


@pytest.fixture
def jonkoping(_django_db_helper: None) -> Principal:
    """Jönköpings kommun, 0680, at jonkoping.localhost."""
    return _principal(JONKOPING)


@pytest.fixture
def tenant(jarfalla: Principal) -> Iterator[Principal]:
    """A transaction with Järfälla set for the whole test; gives Järfälla."""
    from sambruk.platform.tenancy.context import tenant_transaction

    with tenant_transaction(jarfalla.pk, principal=jarfalla):
        yield jarfalla


@pytest.fixture
def as_tenant(_django_db_helper: None) -> Callable[[Principal], AbstractContextManager[Principal]]:
    """``with as_tenant(botkyrka):`` acts in that tenant, also inside another."""
    return as_tenant_context
