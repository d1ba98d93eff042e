"""Events: how a lower floor tells the higher ones. Typed, synchronous, in the publisher's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

E = TypeVar("E")

_handlers: list[tuple[type[Any], Callable[[Any], None]]] = []


def subscribe(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler for an event type (and its subclasses): ``@subscribe(CaseClosed)``.

    Register when the app is ready. The same handler registered again for the same type counts once.
    Returns the handler unchanged.
    """

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        entry = (event_type, handler)
        if entry not in _handlers:
            _handlers.append(entry)
        return handler

    return register


def publish(event: object) -> None:
    """Call every handler of the event's type, in the order of registration, here and now.

    They run in the caller's transaction, so what they write stands or falls with it; an exception stops
    the remaining handlers and propagates, so that the transaction is rolled back. What takes time or
    reaches outside is enqueued as a job by the handler.
    """
    for event_type, handler in tuple(_handlers):
        if isinstance(event, event_type):
            handler(event)


def handlers_of(event_type: type[object]) -> tuple[Callable[[Any], None], ...]:
    """Return the handlers that an event of this type would reach, in order (for doctor and tests)."""
    return tuple(handler for registered, handler in _handlers if issubclass(event_type, registered))


@contextmanager
def isolated(*, empty: bool = True) -> Iterator[None]:
    """Give a test its own registrations: begin ``empty`` (or with the present ones), restore at the end."""
    saved = list(_handlers)
    if empty:
        _handlers.clear()
    try:
        yield
    finally:
        _handlers[:] = saved
