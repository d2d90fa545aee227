from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest import disk
from attest.disk import read_folder, scratch_file, view_file, write_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_large_file_is_mapped_and_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MAPPED", 100)
    files = {"small": b"x" * 99, "large": bytes(range(256))}
    write_folder(tmp_path / "folder", files)
    found = read_folder(tmp_path / "folder")
    assert found == files
    assert isinstance(found["large"], memoryview)
    assert isinstance(found["small"], bytes)
    write_folder(tmp_path / "again", found)
    assert (tmp_path / "again" / "large").read_bytes() == files["large"]


def test_a_mapped_file_cannot_be_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MAPPED", 1)
    write_folder(tmp_path / "folder", {"one": b"abc"})
    found = read_folder(tmp_path / "folder")["one"]
    assert isinstance(found, memoryview)
    with pytest.raises(TypeError):
        found[0] = 0


def test_the_total_of_mapped_files_is_limited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MAPPED", 10)
    monkeypatch.setattr(disk, "MAX_TOTAL", 30)
    write_folder(tmp_path / "folder", {"one": b"x" * 20, "two": b"y" * 20})
    with pytest.raises(disk.UnsafeFolder, match="folder too large"):
        read_folder(tmp_path / "folder")


def test_a_scratch_file_is_viewed_whole() -> None:
    with scratch_file() as file:
        file.write(b"abc" * 1000)
        view = view_file(file)
    assert view == b"abc" * 1000
    with scratch_file() as empty:
        assert view_file(empty) == b""
