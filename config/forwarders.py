"""Contracts that pass everything they get on to one parent: deposit addresses of exchanges.

A `Forwarder` says of one code that whoever rules the parent rules what lies at it, and where the
parent is told. It is true of that code alone: a byte that differs may send the coins elsewhere.

    form      the code of the deposit address is
    exact     itself, `code_sha256` is of it
    eip1167   45 bytes that hand every call to an implementation (EIP-1167); `code_sha256` is of the
              implementation's code

    parent_function   a function that returns the parent, such as `parentAddress()`
    parent_offsets    the places in the code where the parent's 20 bytes stand, all of them; for
                      `code_sha256` they are zeros (an immutable of Solidity is zeros before it is
                      set)

One of the two is given. Offsets go with `exact` alone, since all that share an implementation would
have one parent. Refused: rows by address of a factory or implementation; what lies there on another
chain is for that chain to say, and the code says it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from config.errors import InputError
from config.row_checks import check_cited, require
from config.strict import STRICT

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = "forwarders.toml"
ADDRESS_SIZE = 20
MAX_OFFSET = 1 << 20
"""As much code as is read."""

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FUNCTION = re.compile(r"[a-zA-Z_$][a-zA-Z0-9_$]{0,60}\(\)", re.ASCII)


@dataclass(frozen=True, slots=True, config=STRICT)
class Forwarder:
    """A code whose holdings are its parent's."""

    name: str
    form: Literal["exact", "eip1167"]
    code_sha256: str
    """SHA-256 of the runtime code, 64 lower-case hex digits."""
    source: str
    checked: str
    parent_function: str = ""
    """Signature of a function without arguments that returns one address; empty: `parent_offsets`
    tell the parent."""
    parent_offsets: tuple[int, ...] = ()
    """Byte places in the code, ascending."""


def check_forwarders(rows: Iterable[Forwarder]) -> None:
    """Refuse rows that contradict themselves or each other.

    Raises:
        InputError: the first fault, with the file and the row's name.
    """
    seen: set[str] = set()
    for row in rows:
        require(_NAME.fullmatch(row.name) is not None, FILE, row.name, "name is not lower case")
        for key in (row.name, f"{row.form} {row.code_sha256}"):
            if key in seen:
                raise InputError.at(FILE, row.name, f"given twice: {key}")
            seen.add(key)
        _check(row)


def _check(row: Forwarder) -> None:
    shaped = _DIGEST.fullmatch(row.code_sha256) is not None
    require(shaped, FILE, row.name, f"code_sha256 is not 64 lower-case hex digits: {row}"[:200])
    told = bool(row.parent_function) != bool(row.parent_offsets)
    require(told, FILE, row.name, "parent_function or parent_offsets, one of them")
    function = row.parent_function
    fits = not function or _FUNCTION.fullmatch(function) is not None
    require(fits, FILE, row.name, f"parent_function is not of the form name(): {function!r}")
    fits = not row.parent_offsets or row.form == "exact"
    require(fits, FILE, row.name, f"parent_offsets with form {row.form}")
    ends = (-ADDRESS_SIZE, *row.parent_offsets)
    apart = all(next_ - at >= ADDRESS_SIZE for at, next_ in pairwise(ends))
    fits = apart and ends[-1] <= MAX_OFFSET
    require(fits, FILE, row.name, f"parent_offsets are not apart and ascending: {ends[1:]}")
    check_cited(FILE, row.name, row.source, row.checked)
