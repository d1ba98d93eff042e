import errno
import io
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sambruk.common.content_hash import sha256_hex
from sambruk.common.errors import NotFound, Unavailable
from sambruk.platform.documents import store as module
from sambruk.platform.documents.object_store import ObjectStore
from sambruk.platform.documents.store import Damaged, FolderStore, TooLarge


class Memory:
    """A Django storage in memory that, like Django's, never overwrites but picks another name."""

    def __init__(self):
        self.files = {}
        self.fault = None

    def _check(self):
        if self.fault:
            raise self.fault

    def save(self, name, content):
        self._check()
        while name in self.files:
            name += "_x"
        self.files[name] = content.read()
        return name

    def open(self, name, mode="rb"):
        self._check()
        return io.BytesIO(self.files[name])

    def exists(self, name):
        self._check()
        return name in self.files

    def size(self, name):
        self._check()
        return len(self.files[name])

    def delete(self, name):
        self._check()
        self.files.pop(name, None)


@pytest.fixture(params=["folder", "object"])
def any_store(request, tmp_path):
    return FolderStore(tmp_path / "files") if request.param == "folder" else ObjectStore(Memory())


@pytest.fixture
def folder(tmp_path):
    return FolderStore(tmp_path / "files")


def left_in(folder):
    return sorted(path for path in folder.root.rglob("*") if path.is_file())


def test_stored_read_verified_deleted(any_store):
    stored = any_store.put(io.BytesIO(b"hej"), max_bytes=3)
    assert stored.sha256 == sha256_hex(b"hej")
    assert stored.size == 3
    assert any_store.exists(stored.sha256)
    with any_store.open(stored.sha256) as source:
        assert source.read() == b"hej"
    assert any_store.verify(stored.sha256) == 3
    assert any_store.put([b"h", b"ej"], max_bytes=10) == stored
    any_store.delete(stored.sha256)
    any_store.delete(stored.sha256)
    assert not any_store.exists(stored.sha256)
    with pytest.raises(NotFound):
        any_store.open(stored.sha256)
    with pytest.raises(NotFound):
        any_store.verify(stored.sha256)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=100), max_size=5))
def test_any_bytes_come_back(chunks):
    store = ObjectStore(Memory())
    stored = store.put(iter(chunks), max_bytes=1000)
    with store.open(stored.sha256) as source:
        assert source.read() == b"".join(chunks)


def test_too_large_leaves_nothing(folder):
    read = []

    def endless():
        while True:
            read.append(1)
            yield b"x" * 1000

    with pytest.raises(TooLarge, match="högst 10 kB"):
        folder.put(endless(), max_bytes=10_000)
    assert len(read) == 11
    assert left_in(folder) == []
    with pytest.raises(TooLarge, match="högst 20 MB"):
        raise TooLarge(20_000_000)


class FullFile:
    """An open file whose disk is full."""

    def __init__(self, handle, write):
        self.handle, self.write = handle, write

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        os.close(self.handle)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(folder, monkeypatch, call, code):
    def full(*_args):
        raise OSError(code, os.strerror(code))

    if call == "write":
        monkeypatch.setattr(module.os, "fdopen", lambda handle, mode: FullFile(handle, full))
    elif call == "fsync":
        monkeypatch.setattr(module.os, "fsync", full)
    else:
        monkeypatch.setattr(module.Path, "replace", full)
    with pytest.raises(Unavailable, match="inte plats") as caught:
        folder.put([b"hej"], max_bytes=10)
    assert caught.value.code == "storage_full"
    assert not caught.value.permanent
    assert left_in(folder) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root; the cases above need none")
def test_a_disk_that_really_is_full(tmp_path):
    import subprocess

    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        store = FolderStore(disk / "files")
        small = store.put([b"kvar"], max_bytes=10)
        with pytest.raises(Unavailable, match="inte plats"):
            store.put((b"x" * 65536 for _ in range(100)), max_bytes=10_000_000)
        assert [path.name for path in left_in(store)] == [small.sha256]
        assert store.verify(small.sha256) == 4
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_source_that_breaks_leaves_nothing(folder):
    def broken():
        yield b"hej"
        raise RuntimeError("the sender went away")

    with pytest.raises(RuntimeError):
        folder.put(broken(), max_bytes=10)
    assert left_in(folder) == []


def test_an_unreachable_folder_is_said(tmp_path):
    (tmp_path / "files").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unavailable, match="går inte att nå") as caught:
        FolderStore(tmp_path / "files").put([b"x"], max_bytes=10)
    assert caught.value.code == "storage"


def test_damage_is_found_and_healed_by_storing_again(folder):
    stored = folder.put([b"hej"], max_bytes=10)
    path = folder._path(stored.sha256)
    path.write_bytes(b"haj")
    with pytest.raises(Damaged) as caught:
        folder.verify(stored.sha256)
    assert caught.value.sha256 == stored.sha256
    folder.put([b"hej"], max_bytes=10)
    assert folder.verify(stored.sha256) == 3


def test_files_are_readable_by_their_owner_only(folder):
    stored = folder.put([b"hej"], max_bytes=10)
    assert stat.S_IMODE(folder._path(stored.sha256).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "/" * 64])
def test_a_hash_is_the_only_name(any_store, name):
    for act in (any_store.open, any_store.exists, any_store.verify, any_store.delete):
        with pytest.raises(ValueError):
            act(name)


def test_listing_and_sweeping(folder):
    first, second = folder.put([b"a"], max_bytes=1), folder.put([b"b"], max_bytes=1)
    assert list(folder.hashes()) == sorted([first.sha256, second.sha256])
    leftover = folder.root / "incoming" / "tmpabc"
    leftover.write_bytes(b"half")
    assert folder.sweep() == 0
    assert folder.sweep(older_than_seconds=-1) == 1
    assert not leftover.exists()
    assert len(list(folder.hashes())) == 2


def test_many_at_once_with_the_same_bytes(folder):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: folder.put([b"samma"] * 1000, max_bytes=10_000), range(40)))
    assert len(set(results)) == 1
    assert folder.verify(results[0].sha256) == 5_000
    assert len(left_in(folder)) == 1


def test_object_storage_whose_client_fails():
    memory = Memory()
    store = ObjectStore(memory)
    stored = store.put([b"hej"], max_bytes=10)
    memory.fault = RuntimeError("the client's own exception, with a secret")
    for act in (lambda: store.put([b"x"], max_bytes=10), lambda: store.exists(stored.sha256)):
        with pytest.raises(Unavailable) as caught:
            act()
        assert "secret" not in caught.value.message_sv
    memory.fault = OSError(errno.ENOSPC, "full")
    with pytest.raises(Unavailable, match="inte plats"):
        store.put([b"x"], max_bytes=10)


def test_object_storage_that_cuts_short_is_refused():
    memory = Memory()
    memory.size = lambda name: 1
    with pytest.raises(Unavailable, match="kunde inte sparas"):
        ObjectStore(memory).put([b"hej"], max_bytes=10)


def test_object_stored_by_another_meanwhile():
    memory = Memory()
    store = ObjectStore(memory)
    stored = store.put([b"hej"], max_bytes=10)
    memory.exists = lambda name: False  # the other one's copy was not there when we looked
    assert store.put([b"hej"], max_bytes=10) == stored
    assert len(memory.files) == 1
