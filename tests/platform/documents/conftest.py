"""What the tests of saved documents share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sambruk.common.actor import Actor, ActorKind
from sambruk.common.ids import uuid7
from sambruk.platform.documents import stores

#: The smallest things that the sniffer takes for whole.
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
TEXT = "Hej! Det här är en vanlig text.\n".encode()


@pytest.fixture
def store_folder(tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[Path]:
    """A store of the test's own, no clamd."""
    settings.DOCUMENT_STORE, settings.CLAMD = str(tmp_path / "store"), ""  # type: ignore[attr-defined]
    stores._store.cache_clear()
    yield tmp_path / "store"
    stores._store.cache_clear()


@pytest.fixture
def anna() -> Actor:
    return Actor(kind=ActorKind.RESIDENT, id=uuid7(), name="Anna Andersson")


@pytest.fixture
def karin() -> Actor:
    return Actor(kind=ActorKind.STAFF, id=uuid7(), name="Karin", permissions=frozenset({"case.read"}))
