"""The formats: name, where the code is, and what an import of it cannot prove.

Adding a format is one module with `read` and `LIMITS`, one line here, published data to test it
with and a line in the README. Modules are imported on first use.

    read(data, name, known) -> Reading       raises InputError for the file, refuses row by row
    LIMITS                                   what the format cannot prove, for people
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.imports.entries import Known, Reading

Read: TypeAlias = "Callable[[bytes, str, Known], Reading]"

FORMATS: Mapping[str, str] = {
    "okx": "attest.imports.okx",
    "bitmex": "attest.imports.bitmex",
    "bitfinex": "attest.imports.bitfinex",
}


def reader(name: str) -> tuple[Read, tuple[str, ...]]:
    """Give a format's function and its limits; raise InputError if it is unknown."""
    if name not in FORMATS:
        raise InputError(f"unknown format: {name!r}", f"known formats: {', '.join(FORMATS)}")
    module = import_module(FORMATS[name])
    return cast("Read", module.read), cast("tuple[str, ...]", module.LIMITS)
