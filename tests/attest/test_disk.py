from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from attest import disk
from attest.disk import (
    names_in,
    read_file,
    read_folder,
    read_observation,
    read_plain,
    refuse_existing,
    write_folder,
    write_new,
)
from config.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"a": b"1", "b/c": b"2", "b/d/e": b""}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path / "new" / "out", FILES)

    assert read_folder(tmp_path / "new" / "out") == FILES
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")

    for name in ("full", "file", "link"):
        with pytest.raises(InputError, match="already there"):
            write_folder(tmp_path / name, FILES)
    refuse_existing(tmp_path / "absent")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", FILES)

    assert read_folder(tmp_path / "out") == FILES


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)

    with pytest.raises(InputError, match="No space left"):
        write_folder(tmp_path / "out", FILES)
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_its_owner_s_alone(tmp_path: Path) -> None:
    write_new(tmp_path / "keys" / "key", b"secret", 0o600)

    assert stat.S_IMODE((tmp_path / "keys" / "key").stat().st_mode) == 0o600
    with pytest.raises(InputError, match="already there"):
        write_new(tmp_path / "keys" / "key", b"other", 0o600)
    with pytest.raises(InputError, match="already there"):
        write_new(tmp_path / "keys" / "key" / "below", b"", 0o600)
    with pytest.raises(InputError, match="cannot be written"):
        write_new(tmp_path / ("x" * 300), b"", 0o600)


def test_a_file_is_read_within_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")

    assert read_file(path, 5) == b"12345"
    with pytest.raises(InputError, match="more than 4 bytes"):
        read_file(path, 4)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_file(tmp_path / "absent")
    with pytest.raises(InputError, match="no such file"):
        read_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no such file"):
        read_file(tmp_path / "pipe")


def test_a_file_that_cannot_be_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")

    def denied(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    with pytest.raises(InputError, match="Permission denied"):
        read_file(tmp_path / "file")


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="neither a plain file nor a folder"):
        read_folder(tmp_path / "in")

    (tmp_path / "in" / "link").unlink()
    os.mkfifo(tmp_path / "in" / "pipe")
    with pytest.raises(InputError, match="neither a plain file nor a folder"):
        read_folder(tmp_path / "in")

    (tmp_path / "to").symlink_to(tmp_path / "in")
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "to")
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "absent")


def test_a_folder_is_read_within_its_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "out", FILES)

    for name, limit in (("MAX_FILES", 2), ("MAX_TOTAL", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(disk, name, limit)
            with pytest.raises(InputError, match="folder too large"):
                read_folder(tmp_path / "out")
    monkeypatch.setattr(disk, "MAX_DEPTH", 1)
    with pytest.raises(InputError, match="nested deeper than 1"):
        read_folder(tmp_path / "out")


def test_an_observation_is_found_alone_or_in_a_bundle(tmp_path: Path) -> None:
    own = {"observation.json": b"{}", "chains/x/y.jsonl": b""}
    write_folder(tmp_path / "alone", own)
    write_folder(tmp_path / "bundle", {f"evidence/{name}": data for name, data in own.items()})
    (tmp_path / "bundle" / "evidence" / "inputs").mkdir()
    (tmp_path / "bundle" / "evidence" / "inputs" / "x").write_bytes(b"")

    assert read_observation(tmp_path / "alone") == own
    assert read_observation(tmp_path / "bundle") == own


def test_a_folder_s_own_names_are_listed(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", FILES)
    (tmp_path / "link").symlink_to(tmp_path / "out")
    (tmp_path / "out" / "loop").symlink_to(tmp_path / "out" / "loop")

    assert names_in(tmp_path / "out") == ("a", "b", "loop")
    assert names_in(tmp_path / "out" / "b", tmp_path) == ("c", "d")
    assert names_in(tmp_path / "link" / "b") == ("c", "d")
    for folder, above in (
        (tmp_path / "link", None),
        (tmp_path / "link" / "b", tmp_path),
        (tmp_path / "out" / "loop", None),
        (tmp_path / "out" / "a", None),
        (tmp_path / "absent", None),
    ):
        with pytest.raises(InputError, match="no such folder: "):
            names_in(folder, above)


def test_a_folder_that_cannot_be_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", denied)
    with pytest.raises(InputError, match=r"cannot be read.*Permission denied"):
        names_in(tmp_path)


def test_a_link_is_no_plain_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").symlink_to("a")

    assert b"12" == read_plain(tmp_path / "a", 2)
    for name, limit in (("a", 1), ("b", 2), ("absent", 2)):
        with pytest.raises(InputError):
            read_plain(tmp_path / name, limit)
