"""Identifiers: UUID version 7, made in Python by this one function."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_COUNTER_BITS = 42
_COUNTER_MAX = (1 << _COUNTER_BITS) - 1

_lock = threading.Lock()
_last_ms = -1
_counter = 0


def _forget_after_fork() -> None:
    """A child process starts with its own lock and counter, so that it cannot repeat its parent's ids."""
    global _lock, _last_ms, _counter
    _lock = threading.Lock()
    _last_ms = -1
    _counter = 0


os.register_at_fork(after_in_child=_forget_after_fork)


def _seed_counter() -> int:
    """A random counter with its top bit clear, so that at least 2^41 ids fit into one millisecond."""
    return int.from_bytes(os.urandom(6), "big") & (_COUNTER_MAX >> 1)


def uuid7() -> UUID:
    """Return a new UUID version 7: time-ordered, and strictly growing within this process.

    RFC 9562 section 5.7 with the fixed-length counter of section 6.2 (method 1): 48 bits of Unix
    milliseconds, a 42-bit counter seeded at random each millisecond, 32 random bits. When the clock
    stands still or goes back, the last millisecond is kept and the counter grows. Thread-safe.
    """
    global _last_ms, _counter
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms = now_ms
            _counter = _seed_counter()
        else:
            _counter += 1
            if _counter > _COUNTER_MAX:
                _last_ms += 1
                _counter = _seed_counter()
        milliseconds, counter = _last_ms, _counter
    tail = int.from_bytes(os.urandom(4), "big")
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (counter >> 30) << 64
    value |= 0b10 << 62
    value |= (counter & ((1 << 30) - 1)) << 32
    value |= tail
    return UUID(int=value)


def created_ms(value: UUID) -> int:
    """Return when a version 7 id was made, in milliseconds since 1970-01-01 UTC."""
    if value.version != 7:
        raise ValueError("not a UUID version 7")
    return value.int >> 80
