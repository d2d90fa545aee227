"""The private folder of a commitment, and the files that a build spills: who writes where.

    commitment.json       what is published
    customers             a record of 108 bytes a customer, in the order of the first field:
                          SHA-256 of the account, id (32), key (32), part (4), place (8)
    accounts/<part>       what the records point to: account, identifier and holdings
    trees/<asset>.leaves  the leaves of a tree, 48 bytes each (`proofs.liabilities.encoding`)
    trees/<asset>.order   the first 8 bytes of the salt of each, by which a leaf is found
    trees/<asset>.upper   the nodes of level 12 and above, level by level

Whoever holds this folder knows every balance and can show every proof, so that it is the owner's
alone. The levels under 12 are made again when a proof is asked for: 4,096 leaves, some
milliseconds, for half of the disk.

A folder is built beside its place and moved there when it is whole.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK = 12
"""Levels that are not stored: a block has 2^12 leaves."""
ORDER = 8
"""Bytes of a salt that are kept."""
PRIVATE = 0o600
MAX_LINE = 128 * 1024 * 1024
"""Bytes of a proof and what it is checked with."""
OWN = 0o700

COMMITMENT = "commitment.json"
CUSTOMERS = "customers"
ACCOUNTS = "accounts"
TREES = "trees"


def leaves_name(asset: int) -> str:
    """Give the name of a tree's leaves."""
    return f"{TREES}/{asset:05d}.leaves"


def order_name(asset: int) -> str:
    """Give the name of a tree's order."""
    return f"{TREES}/{asset:05d}.order"


def upper_name(asset: int) -> str:
    """Give the name of a tree's upper levels."""
    return f"{TREES}/{asset:05d}.upper"


def accounts_name(part: int) -> str:
    """Give the name of the accounts of a part."""
    return f"{ACCOUNTS}/{part:06d}"


@contextmanager
def private_folder(place: Path) -> Iterator[Path]:
    """Give a folder to write in, which is moved to its place if nothing is raised.

    Raises:
        InputError: it cannot be made or moved.
    """
    place = place.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise InputError(f"folder cannot be written: {place}: {error.strerror}") from error
    try:
        for name in (ACCOUNTS, TREES):
            (beside / name).mkdir(mode=OWN)
        yield beside
        beside.replace(place)
    except OSError as error:
        raise InputError(f"folder cannot be written: {place}: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder in the machine's temporary place, removed whatever happens."""
    with tempfile.TemporaryDirectory(prefix="attest-") as folder:
        yield Path(folder)


@contextmanager
def spill_folder(above: Path) -> Iterator[Path]:
    """Give a folder for what is needed while building; it is removed whatever happens.

    Raises:
        InputError: it cannot be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".spill-", dir=above))
    except OSError as error:
        raise InputError(f"folder cannot be written: {above}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_private(path: Path, pieces: Sequence[bytes]) -> None:
    """Write a new file that its owner alone reads; raise OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "wb") as file:
        file.writelines(pieces)


def reserve(path: Path, size: int) -> None:
    """Make a new file of a size, to be written in any order; raise OSError."""
    write_private(path, ())
    os.truncate(path, size)


def write_at(path: Path, place: int, data: bytes) -> None:
    """Write into a file that was reserved; raise OSError."""
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)


def read_at(path: Path, place: int, size: int) -> bytes:
    """Read so many bytes.

    Raises:
        InputError: the file is missing or ends before.
    """
    try:
        with path.open("rb") as file:
            file.seek(place)
            data = file.read(size)
    except OSError as error:
        raise InputError(f"file cannot be read: {path}: {error.strerror}") from error
    if len(data) != size:
        raise InputError(f"file too short: {path}: {place + len(data)} of {place + size} bytes")
    return data


def view(path: Path) -> memoryview:
    """Give the whole of a file without reading it; raise InputError."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
    except OSError as error:
        raise InputError(f"file cannot be read: {path}: {error.strerror}") from error


def write_lines(path: Path, lines: Iterator[bytes]) -> int:
    """Write a new file that its owner alone reads, line by line, and count the lines.

    Raises:
        InputError: it stands there already, or cannot be written; what was begun is removed.
    """
    count = 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        try:
            with os.fdopen(handle, "wb") as file:
                for line in lines:
                    file.write(line + b"\n")
                    count += 1
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"file cannot be written: {path}: {error.strerror}") from error
    return count


def read_lines(path: Path) -> Iterator[bytes]:
    """Give a file's lines without their ends; raise InputError."""
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise InputError(f"line too long: {path}: more than {MAX_LINE} bytes")
                yield line.removesuffix(b"\n")
    except OSError as error:
        raise InputError(f"file cannot be read: {path}: {error.strerror}") from error
