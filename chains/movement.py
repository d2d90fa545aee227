"""What a transaction moved, and on which side of a pin it lies: the answer to kind `movement`.

    {"side":"absent"}
    {"credits":[{"address":"0xB…","asset":"eip155:1/slip44:60","units":"700"}],
     "debits":[{"address":"0xA…","asset":"eip155:1/slip44:60","units":"721"}],
     "fee_payer":"0xA…","fee_units":"21","height":21824260,"side":"pin","status":"success"}
    {"credits":[…],"debits":[…],"fee_units":"150","side":"after","status":"success"}

- `pin`: in a block at or below the pin, whose height is given.
- `after`: in a block above the pin. Which one is not said, so that the answer stays the same,
  however late one asks.
- `absent`: in no block, or unknown to the source. Nothing is said of what it would move, since it
  may never be mined: what waits for a block can be replaced. Once mined it is `after`.

One rule on all chains: `debits` are all that leaves an address and `credits` all that reaches one,
the fee among the debits and nobody's credit. So credits less debits of an address are what the
transaction did to its balance, and all debits of the native coin less all credits of it are
`fee_units`; of every other asset the two sums are equal. On chains of the Bitcoin family debits are
the inputs in full and credits the outputs in full, change on both sides. On EVM chains the fee is
in the sender's debit; if it is not known it is in no debit, and `fee_units` is left out. What
contracts move of the native coin is not visible there (`chains.evm.movement`).

A `failed` transaction, reverted in its block, moves its fee alone. A coinbase has no debits, and no
fee is known of it. Entries are sums by address and asset, in this order; zeros are left out. What
pays a script without an address is entered as `script:` and its hex.

One value has one text, RFC 8785, so that sources are compared by it and evidence holds it. Net sums
an address were refused: of a transaction that joins several owners they hide who paid whom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from chains.wire import MAX_INTEGER, decode_json, encode_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import Json
    from config.caip import AssetId

Side: TypeAlias = Literal["pin", "after", "absent"]
Status: TypeAlias = Literal["success", "failed"]

MAX_TEXT = 16 * 1024 * 1024
"""Characters: a transaction as large as a block, to as many addresses as fit into it."""

_KEYS = frozenset({"credits", "debits", "fee_payer", "fee_units", "height", "side", "status"})
_ENTRY = frozenset({"address", "asset", "units"})
_ADDRESS = re.compile(r"[0-9A-Za-z]{1,128}|script:(?:[0-9a-f]{2})*", re.ASCII)
_ASSET = re.compile(
    r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}", re.ASCII
)
# A million sums of 256 bits, and gas of 64 bits at a price of 256, have 97 digits at most.
_UNITS = re.compile(r"0|[1-9][0-9]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """What leaves an address, or reaches it."""

    address: str
    """Canonical, as the chain's address parser gives it; or `script:` and hex."""
    asset: AssetId
    units: int
    """Base units."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What a transaction moved, and where it lies."""

    side: Side
    status: Status | None = None
    """None if it is absent."""
    height: int | None = None
    """Of its block; given for side `pin` alone."""
    debits: tuple[Entry, ...] = ()
    """What left, the fee included; by address and asset."""
    credits: tuple[Entry, ...] = ()
    """What was received; likewise."""
    fee_units: int | None = None
    """Base units of the native coin; None is not known, and never zero."""
    fee_payer: str = ""
    """The sender, on EVM chains; empty where the owners of all inputs pay together."""


NOT_THERE = Movement("absent")


def entries_of(moved: Iterable[tuple[str, AssetId, int]]) -> tuple[Entry, ...]:
    """Add up what was moved, in base units, by address and asset."""
    sums: dict[tuple[str, AssetId], int] = {}
    for address, asset, units in moved:
        sums[address, asset] = sums.get((address, asset), 0) + units
    return tuple(Entry(*key, units) for key, units in sorted(sums.items()) if units)


def confirms(stated: str, later: str) -> bool:
    """Tell whether what is said later bears an answer out.

    What was absent may have been mined after the pin since; nothing else may have changed.
    """
    if stated == later:
        return True
    return stated == encode_movement(NOT_THERE) and decode_movement(later).side == "after"


def encode_movement(movement: Movement) -> str:
    """Write an answer in its one form."""
    line: dict[str, Json] = {"side": movement.side}
    if movement.side != "absent":
        line["status"] = movement.status
        line["debits"], line["credits"] = _listed(movement.debits), _listed(movement.credits)
        if movement.side == "pin":
            line["height"] = movement.height
        if movement.fee_units is not None:
            line["fee_units"] = str(movement.fee_units)
        if movement.fee_payer:
            line["fee_payer"] = movement.fee_payer
    return encode_json(line).decode()


def decode_movement(text: str) -> Movement:
    """Read an answer.

    Raises:
        ValueError: it is not exactly what `encode_movement` writes of a movement.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"movement of {len(text)} characters, the limit is {MAX_TEXT}")
    line = decode_json(text.encode())
    if not isinstance(line, dict) or not line.keys() <= _KEYS:
        raise ValueError("movement is not an object of the known keys")
    found = NOT_THERE if line.get("side") == "absent" else _mined(line)
    if encode_movement(found) != text:
        raise ValueError("movement is not in its one form")
    return found


def _mined(line: dict[str, Json]) -> Movement:
    side, status, height = line.get("side"), line.get("status"), line.get("height")
    if side not in get_args(Side) or status not in get_args(Status):
        raise ValueError("movement without side or status")
    if side == "pin" and (type(height) is not int or not 0 <= height <= MAX_INTEGER):
        raise ValueError("movement without height")
    fee, payer = line.get("fee_units"), line.get("fee_payer", "")
    if not isinstance(payer, str) or (payer and _ADDRESS.fullmatch(payer) is None):
        raise ValueError("payer of the fee is not an address")
    debits, received = _entries(line.get("debits")), _entries(line.get("credits"))
    if status == "failed" and received:
        raise ValueError(f"failed, and {len(received)} credits")
    return Movement(
        cast("Side", side),
        cast("Status", status),
        height if type(height) is int else None,
        debits,
        received,
        None if fee is None else _units(fee),
        payer,
    )


def _listed(entries: tuple[Entry, ...]) -> Json:
    return tuple(
        {"address": one.address, "asset": one.asset, "units": str(one.units)} for one in entries
    )


def _entries(value: Json) -> tuple[Entry, ...]:
    if not isinstance(value, tuple):
        raise ValueError("entries are not a list")  # noqa: TRY004 - a wrong text
    found = tuple(_entry(one) for one in value)
    if found != entries_of((one.address, one.asset, one.units) for one in found):
        raise ValueError("entries are not sums in their order")
    return found


def _entry(value: Json) -> Entry:
    if not isinstance(value, dict) or value.keys() != _ENTRY:
        raise ValueError("entry is not an address, an asset and units")
    address, asset = value["address"], value["asset"]
    if not isinstance(address, str) or _ADDRESS.fullmatch(address) is None:
        raise ValueError("entry without an address")
    if not isinstance(asset, str) or _ASSET.fullmatch(asset) is None:
        raise ValueError("entry without an asset")
    return Entry(address, cast("AssetId", asset), _units(value["units"]))


def _units(value: Json) -> int:
    if not isinstance(value, str) or _UNITS.fullmatch(value) is None:
        raise ValueError("units are not a whole number")
    return int(value)
