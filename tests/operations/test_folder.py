"""The demo's folder: never somebody else's, never two demos at once, never emptied unless it is ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sambruk.operations.errors import DataFolderError
from sambruk.operations.folder import MARKER, DataFolder


def _code(path: Path, *, fresh: bool = False) -> str:
    with pytest.raises(DataFolderError) as raised:
        DataFolder.open(path, fresh=fresh)
    assert "\n" not in raised.value.message_sv
    assert str(path) in raised.value.message_sv
    return raised.value.code


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    with DataFolder.open(tmp_path / "d") as folder:
        first = folder.environment()
    with DataFolder.open(tmp_path / "d") as folder:
        assert folder.environment() == first
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "d" / "secrets" / "environment.json").stat().st_mode & 0o777 == 0o600


def test_a_second_demo_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from sambruk.operations.folder import DataFolder\n"
        "f = DataFolder.open(Path(sys.argv[1])); f.announce('http://localhost:8123/demo/')\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DataFolderError, match=r"används redan.*http://localhost:8123/demo/") as raised:
            DataFolder.open(tmp_path)
        assert raised.value.code == "in_use"
        assert _code(tmp_path, fresh=True) == "in_use"
    finally:
        process.communicate("")
    DataFolder.open(tmp_path).close()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    assert _code(tmp_path, fresh=fresh) == "not_ours"
    assert [file.name for file in tmp_path.iterdir()] == ["precious.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert _code(tmp_path / "file") == "not_ours"


def test_a_marker_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text("{")
    assert _code(tmp_path) == "damaged"


def test_damaged_keys_are_named(tmp_path: Path) -> None:
    with DataFolder.open(tmp_path) as folder:
        folder.environment()
        file = tmp_path / "secrets" / "environment.json"
        file.write_text("not json")
        with pytest.raises(DataFolderError, match="Nycklarna"):
            folder.environment()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_another_users_folder_is_refused_by_name(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(DataFolderError, match="tillhör användaren nobody") as raised:
        DataFolder.open(tmp_path)
    assert raised.value.code == "foreign_owner"


def test_fresh_empties_what_is_ours_and_keeps_the_folder(tmp_path: Path) -> None:
    with DataFolder.open(tmp_path) as folder:
        before = folder.environment()
        (folder.sub("documents") / "old").write_text("old")
        outside = tmp_path.parent / "outside"
        outside.mkdir(exist_ok=True)
        (outside / "kept").write_text("kept")
        (tmp_path / "link").symlink_to(outside)
    with DataFolder.open(tmp_path, fresh=True) as folder:
        assert not (tmp_path / "documents").exists()
        assert not (tmp_path / "link").is_symlink()
        assert folder.environment() != before
    assert (outside / "kept").read_text() == "kept"
    assert (tmp_path / MARKER).exists()


def test_subfolders_are_closed_to_others(tmp_path: Path) -> None:
    with DataFolder.open(tmp_path / "new") as folder:
        assert folder.sub("documents").stat().st_mode & 0o777 == 0o700
