"""Servers and folders of these tests' own: they kill and damage what they use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sambruk.operations.cluster import scratch_folder
from sambruk.operations.postgres import EmbeddedPostgres
from sambruk.operations.system_user import database_user


@pytest.fixture(scope="module")
def shared_postgres() -> Iterator[EmbeddedPostgres]:
    """A running server for the tests of one file, started again where a test has stopped it."""
    folder = scratch_folder(database_user())
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    yield server
    server.remove()
    shutil.rmtree(folder)


@pytest.fixture
def postgres(shared_postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    """The file's server, running."""
    shared_postgres.start()
    return shared_postgres


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty folder that the database's user can reach."""
    folder = scratch_folder(database_user())
    yield folder
    EmbeddedPostgres(folder).remove()
    shutil.rmtree(folder)
