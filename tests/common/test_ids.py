import itertools
import os
import threading
import time

import pytest

from sambruk.common import ids


def test_version_variant_and_time():
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= ids.created_ms(made) <= time.time_ns() // 1_000_000 + 1


def test_strictly_growing():
    made = [ids.uuid7() for _ in range(20_000)]
    assert all(a < b for a, b in itertools.pairwise(made))


def test_clock_that_goes_back(monkeypatch):
    first = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000_000)
    later = [ids.uuid7() for _ in range(10)]
    assert [first, *later] == sorted([first, *later])


def test_counter_that_runs_over(monkeypatch):
    first = ids.uuid7()
    monkeypatch.setattr(ids, "_counter", ids._COUNTER_MAX)
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000_000)
    second = ids.uuid7()
    assert second > first
    assert ids.created_ms(second) == ids.created_ms(first) + 1
    monkeypatch.setattr(ids, "_last_ms", -1)


def test_threads_never_share_an_id():
    made: list[list] = [[] for _ in range(4)]

    def work(mine):
        mine.extend(ids.uuid7() for _ in range(3_000))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in made]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len({value for mine in made for value in mine}) == 12_000
    assert all(mine == sorted(mine) for mine in made)


def test_forked_child_does_not_repeat_its_parent(monkeypatch):
    monkeypatch.setattr(ids.time, "time_ns", lambda: 4_000_000_000_000_000_000)
    monkeypatch.setattr(ids, "_last_ms", -1)
    ids.uuid7()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(ids.uuid7().bytes for _ in range(100)))
        os._exit(0)
    os.close(write)
    mine = {ids.uuid7().bytes for _ in range(100)}
    with os.fdopen(read, "rb") as source:
        data = source.read()
    os.waitpid(child, 0)
    theirs = {data[i : i + 16] for i in range(0, len(data), 16)}
    assert len(theirs) == 100
    assert not mine & theirs
    monkeypatch.setattr(ids, "_last_ms", -1)
    # The counter is seeded anew, so the two rows of numbers do not even run beside each other.
    assert {value[:12] for value in mine}.isdisjoint({value[:12] for value in theirs})


def test_created_ms_refuses_other_versions():
    import uuid

    with pytest.raises(ValueError):
        ids.created_ms(uuid.uuid4())
