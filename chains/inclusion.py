"""Whether a transaction is in a block up to a pin: the answer to a question of kind `inclusion`.

    {"status":"absent"}
    {"block":"0x5f…","height":21824260,"status":"success"}
    {"height":840000,"prevouts":[{"script":"0014…","units":"5000000000"}],"status":"success"}

One value has one text, RFC 8785, so that sources are compared by it and evidence holds it. `absent`
is also said of a transaction in a block above the pin: it stays true, however late one asks again.
`failed` is said of a transaction that was reverted in its block.

On EVM chains the block's hash is there, since nodes give it with the receipt. On chains of the
Bitcoin family the height alone names the block, because the pin's hash stands for every block below
it; `prevouts` lists what the inputs spend, in their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.wire import decode_json, encode_json

if TYPE_CHECKING:
    from chains.evidence import Json

Status: TypeAlias = Literal["success", "failed", "absent"]

MAX_TEXT = 16 * 1024 * 1024
"""Characters: thousands of inputs that spend long scripts."""

_KEYS = frozenset({"block", "height", "prevouts", "status"})
_BLOCK = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_UNITS = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_STATUS: dict[str, Status] = {"success": "success", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Prevout:
    """An output that an input spends."""

    script: str
    """Lower-case hex."""
    units: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where a transaction is, and what became of it."""

    status: Status
    height: int = 0
    """Of its block; 0 if it is absent."""
    block: str = ""
    """The block's hash, 0x and 64 hex digits; empty on chains of the Bitcoin family."""
    prevouts: tuple[Prevout, ...] = ()
    """What it spends, on chains of the Bitcoin family."""


ABSENT = Inclusion("absent")


def encode_inclusion(inclusion: Inclusion) -> str:
    """Write an answer in its one form."""
    line: dict[str, Json] = {"status": inclusion.status}
    if inclusion.status != "absent":
        line["height"] = inclusion.height
        if inclusion.block:
            line["block"] = inclusion.block
        if inclusion.prevouts:
            line["prevouts"] = tuple(
                {"script": one.script, "units": str(one.units)} for one in inclusion.prevouts
            )
    return encode_json(line).decode()


def decode_inclusion(text: str) -> Inclusion:
    """Read an answer.

    Raises:
        ValueError: it is not exactly what `encode_inclusion` writes.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"inclusion of {len(text)} characters, the limit is {MAX_TEXT}")
    line = decode_json(text.encode())
    if not isinstance(line, dict) or not line.keys() <= _KEYS:
        raise ValueError("inclusion is not an object of the known keys")
    found = ABSENT if line.get("status") == "absent" else _included(line)
    if encode_inclusion(found) != text:
        raise ValueError("inclusion is not in its one form")
    return found


def _included(line: dict[str, Json]) -> Inclusion:
    status, height = _STATUS.get(str(line.get("status"))), line.get("height")
    block, listed = line.get("block", ""), line.get("prevouts", ())
    if status is None or type(height) is not int or height < 0:
        raise ValueError("inclusion without status or height")
    if not isinstance(block, str) or (block and _BLOCK.fullmatch(block) is None):
        raise ValueError("block is not a hash")
    if not isinstance(listed, tuple):
        raise ValueError("prevouts are not a list")  # noqa: TRY004 - a wrong text
    return Inclusion(status, height, block, tuple(_prevout(one) for one in listed))


def _prevout(value: Json) -> Prevout:
    if not isinstance(value, dict) or value.keys() != {"script", "units"}:
        raise ValueError("prevout is not a script and units")
    script, units = value["script"], value["units"]
    if not isinstance(script, str) or _HEX.fullmatch(script) is None:
        raise ValueError("script is not lower-case hex")
    if not isinstance(units, str) or _UNITS.fullmatch(units) is None:
        raise ValueError("units are not a whole number")
    return Prevout(script, int(units))
