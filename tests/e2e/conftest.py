"""The whole running once for all browser tests, and persons who visit it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.settings import RUN
from tests.support.visitor import Visitors, chromium
from tests.support.whole import Whole, whole


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests that wait for a whole to start need more time than others."""
    for item in items:
        if "/tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def the_whole() -> Iterator[Whole]:
    """The running demo."""
    with whole(RUN) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, gone with the module: its driver keeps an event loop that others would meet."""
    with chromium() as running:
        yield running


@pytest.fixture
def visitors(browser: Browser, the_whole: Whole) -> Iterator[Visitors]:
    """Persons with browsers. After the test, no console has complained: no error, no breach of the policy."""
    found = Visitors(browser, the_whole)
    yield found
    found.close()
    assert found.faults == []
