"""The formats: name, where the code is, and by which keys a file of it is known.

Adding a format is one module with `read` and `CAVEATS`, one line here, a published example to test
it with and a line in the README. Modules are imported on first use.

    read(data, name) -> Published            raises InputError, RefusedPublished
    CAVEATS                                  what the format does not show, as closed codes
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from config.errors import InputError
from proofs.published.fields import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.published.form import Caveat, Published

Read: TypeAlias = "Callable[[bytes, str], Published]"


@dataclass(frozen=True, slots=True)
class Format:
    """A format."""

    module: str
    marks: tuple[str, ...]
    """Keys that a file of no other format has: at the top, or below it after a point."""


TREE = "okx-2023-tree"
FORMATS: Mapping[str, Format] = {
    "okx-v1": Format("proofs.published.okx_v1", ("path", "self.balances", "self.height")),
    "okx-2023": Format("proofs.published.okx_2023", ("nodes", "totalBalances")),
    # Lines, and no JSON: the first line tells.
    TREE: Format("proofs.published.okx_2023_tree", ()),
    "bybit": Format("proofs.published.bybit", ("path", "self.userHash")),
    "bitget": Format("proofs.published.bitget", ("path", "self.merkelLeaf")),
    "binance": Format("proofs.published.binance", ("AccountIdHash", "Proof", "Root")),
}

_TREE_LINE = re.compile(rb"[0-9a-f]{64},[0-9]{1,2},\{")


def reader(name: str) -> tuple[Read, tuple[Caveat, ...]]:
    """Give a format's function and what it does not show; raise InputError if it is unknown."""
    if name not in FORMATS:
        raise InputError(f"unknown format: {name!r}", f"known formats: {', '.join(FORMATS)}")
    module = import_module(FORMATS[name].module)
    return cast("Read", module.read), cast("tuple[Caveat, ...]", module.CAVEATS)


def detect(data: bytes, name: str) -> str:
    """Find out which format a file has.

    Raises:
        InputError: it is of none, or cannot be told.
    """
    if _TREE_LINE.match(data):
        return TREE
    keys = _keys(read_document(data, name))
    found = [one for one, form in FORMATS.items() if form.marks and keys.issuperset(form.marks)]
    if len(found) != 1:
        hint = f"known formats: {', '.join(FORMATS)}"
        raise InputError(f"{name}: not a published proof of a known format", hint)
    return found[0]


def _keys(document: object) -> set[str]:
    if not isinstance(document, dict):
        return set()
    own = document.get("self")
    below = {f"self.{key}" for key in own} if isinstance(own, dict) else set()
    return set(document) | below
