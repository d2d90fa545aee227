"""Files and folders: bounded reading, and writing that leaves a whole result or none.

A folder that is read may come from anyone: links, devices, deep trees and sizes over the limits
are refused before a byte is used. A folder is written beside its place and moved there when it is
complete, so that an interrupted run leaves nothing that looks finished. Key files are made readable
by their owner alone and never overwritten.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from config.errors import InputError

if TYPE_CHECKING:
    from attest.content import Content, Files

MAX_FILES = 10_000
MAX_FILE = 1 << 30
MAX_TOTAL = 4 << 30
"""A bundle of 300,000 accounts is hundreds of megabytes."""
MAX_DEPTH = 8
MAPPED = 1 << 20
"""Size from which a file of a folder is mapped and not read: 1 MiB."""


class UnsafeFolder(InputError):  # noqa: N818 - a verdict about the folder, named by what it is
    """A folder holds what no folder of ours does: a link, a special file, or too much."""


def read_file(path: Path, limit: int = MAX_FILE) -> bytes:
    """Read a file.

    Raises:
        InputError: it is not there, not a plain file, not readable, or larger than the limit.
    """
    try:
        if not path.is_file():
            raise InputError(f"no such file: {path}", "check the path; it must be a plain file")
        with path.open("rb") as file:
            # Asked for the limit, Python would set aside that much for the smallest file.
            data = file.read(min(path.stat().st_size, limit) + 1)
            more = file.read(1) if len(data) <= limit else b""
    except OSError as error:
        raise InputError(f"file cannot be read: {path}: {error.strerror}") from error
    if len(data) > limit:
        raise InputError(f"file too large: {path}: more than {limit} bytes")
    if more:
        raise InputError(f"file grows while it is read: {path}", "try again when it is whole")
    return data


def read_plain(path: Path, limit: int = MAX_FILE) -> bytes:
    """Read a file of a folder as `read_file` does; refuse a link, which may lead out of it."""
    if path.is_symlink():
        raise InputError(f"a link, where a plain file is asked for: {path}", "put the file there")
    return read_file(path, limit)


def names_in(folder: Path, above: Path | None = None) -> tuple[str, ...]:
    """Give the name of everything that lies in a folder itself, sorted.

    Args:
        folder: which.
        above: a folder above it, from which no link may lead to it; None: it is no link itself.

    Raises:
        InputError: it is no folder, a link leads to it, or it cannot be read.
    """
    try:
        way = folder.relative_to(above).parts if above is not None else ()
        places = [folder, *(above.joinpath(*way[:end]) for end in range(1, len(way)) if above)]
        if any(place.is_symlink() for place in places) or not folder.is_dir():
            hint = "it must be a folder itself, and no link to one"
            raise InputError(f"no such folder: {folder}", hint)
        return tuple(sorted(path.name for path in folder.iterdir()))
    except OSError as error:
        raise InputError(f"folder cannot be read: {folder}: {error.strerror}") from error


def read_folder(folder: Path) -> dict[str, Content]:
    """Read every file of a folder, by its relative POSIX name.

    Raises:
        InputError: not a folder, a link or special file in it, or over a limit.
    """
    found: dict[str, Content] = {}
    total = 0
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        found[name] = _content(path)
        total += len(found[name])
        if len(found) > MAX_FILES or total > MAX_TOTAL:
            raise UnsafeFolder(
                f"folder too large: {folder}: over {MAX_FILES} files or {MAX_TOTAL} bytes"
            )
    return found


def _content(path: Path) -> Content:
    """Read a small file, map a large one."""
    try:
        if path.stat().st_size < MAPPED:
            return read_file(path)
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise InputError(f"file cannot be read: {path}: {error}") from error


def scratch_file() -> BinaryIO:
    """Give an empty file, open for writing and reading, that is gone when it is closed."""
    return cast("BinaryIO", tempfile.TemporaryFile())


def view_file(file: BinaryIO) -> Content:
    """Give the whole of a file that was written, mapped; it can be closed after that."""
    file.flush()
    if not file.tell():
        return b""
    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _paths(folder: Path) -> list[Path]:
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise InputError(f"no such folder: {folder}")
        return _walk(folder, 0)
    except OSError as error:
        raise InputError(f"folder cannot be read: {folder}: {error.strerror}") from error


def _walk(folder: Path, depth: int) -> list[Path]:
    if depth > MAX_DEPTH:
        raise UnsafeFolder(f"folder nested deeper than {MAX_DEPTH}: {folder}")
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UnsafeFolder(f"neither a plain file nor a folder: {path}")
        found += [path] if path.is_file() else _walk(path, depth + 1)
    return found


def read_observation(folder: Path) -> dict[str, Content]:
    """Read the files of an observation from its own folder, or from the bundle that carries it."""
    inner = folder / "evidence"
    files = read_folder(inner if inner.is_dir() else folder)
    return {
        name: data
        for name, data in files.items()
        if name == "observation.json" or name.startswith("chains/")
    }


def write_folder(folder: Path, files: Files, *, replace: bool = False) -> None:
    """Write a folder whole.

    Args:
        folder: must not exist, or be empty.
        files: relative POSIX name to bytes.
        replace: whether a folder that stands there gives way.

    Raises:
        InputError: something is there already, or it cannot be written.
    """
    if not replace:
        refuse_existing(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, data in files.items():
                target = beside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            beside.chmod(0o755)
            if replace and folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)
            beside.replace(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(f"folder cannot be written: {folder}: {error.strerror}") from error


def add_files(folder: Path, files: Files) -> None:
    """Write files into a folder that stands, each whole, over those of its name.

    Args:
        folder: a folder, such as a bundle.
        files: relative POSIX name to bytes, in the order of writing: lists of the others last.

    Raises:
        InputError: not a folder, or it cannot be written.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise InputError(f"no such folder: {folder}")
    for name, data in files.items():
        target = folder / name
        if target.parent.is_symlink():
            raise UnsafeFolder(f"neither a plain file nor a folder: {target.parent}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"folder cannot be written: {target.parent}") from error
        write_over(target, bytes(data))


def refuse_existing(folder: Path) -> None:
    """Refuse a place where a folder cannot be written, before the work for it is done.

    Raises:
        InputError: something stands there, or the folder above it is none or is not writable.
    """
    try:
        empty = folder.is_dir() and not any(folder.iterdir())
        if folder.is_symlink() or (folder.exists() and not empty):
            raise InputError(f"already there: {folder}", "choose another place, or remove it")
        above = next(one for one in folder.absolute().parents if one.exists())
    except OSError as error:
        raise InputError(f"folder cannot be written: {folder}: {error.strerror}") from error
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise InputError(f"folder cannot be written: {folder}: {above} takes no files")


def refuse_file(path: Path) -> None:
    """Refuse a place where something stands already, or no file can be; raise InputError."""
    try:
        taken = path.is_symlink() or path.exists()
    except OSError as error:
        raise InputError(f"file cannot be written: {path}: {error.strerror}") from error
    if taken:
        raise InputError(f"already there: {path}", "choose another place, or remove it")


def write_over(path: Path, data: bytes) -> None:
    """Write a file whole, also over one that stands there; raise InputError if it cannot be."""
    if path.is_symlink():
        raise InputError(f"file cannot be written: {path}: a link")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).chmod(mode)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"file cannot be written: {path}: {error.strerror}") from error


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist yet; raise InputError if it does or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise InputError(f"already there: {path}", "choose another place, or remove it") from error
    except OSError as error:
        raise InputError(f"file cannot be written: {path}: {error.strerror}") from error
