"""What a node of the Bitcoin Core family answered, decoded; a form that is not expected is refused.

Each function takes a call's result and raises `ValueError` if it has not the form that the call
gives, or contradicts itself: the source then said nothing that can be used, and never zero. Amounts
are kept on the wire as the text the node wrote and become satoshi exactly: `50.00000000`, `0.1`,
`5E-8` and `50` are read, `0.000000001`, `-1` and `NaN` are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from chains.evidence import Json

DECIMALS = 8
"""Decimal places of every coin of the family."""

MAX_AMOUNT_LENGTH = 40
"""No supply has as many digits; int() stays cheap on hostile text."""

_USUAL = re.compile(r"(0|[1-9][0-9]*)\.([0-9]{8})", re.ASCII)
"""An amount as nodes write nearly every one."""
_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,2}))?", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unspent:
    """An output that a scan found."""

    txid: str
    vout: int
    script: str
    """Lower-case hex."""
    units: int
    height: int
    coinbase: bool | None
    """None if the node is of a version that does not say."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan's answer."""

    height: int
    block_hash: str
    """The node's best block when the scan began."""
    unspents: tuple[Unspent, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What a node says of a block."""

    block_hash: str
    height: int
    median_time: int
    """Median time past (BIP-113), Unix seconds."""
    confirmations: int
    """1 for the best block; -1 if the block is not on the best chain."""


def read_amount(value: Json) -> int:
    """Turn an amount in display units, as a node writes it, into satoshi.

    Raises:
        ValueError: not a number, negative, or not a whole number of satoshi.
    """
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or len(text) > MAX_AMOUNT_LENGTH:
        raise ValueError("amount is not a number")
    match = _USUAL.fullmatch(text)
    if match is not None:
        return int(match[1] + match[2])
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError("amount is not a number of zero or more")
    fraction = match[2] or ""
    digits = int(match[1] + fraction)
    shift = DECIMALS - len(fraction) + int(match[3] or "0")
    if shift >= 0:
        return digits * int(10**shift)
    units, rest = divmod(digits, int(10**-shift))
    if rest:
        raise ValueError(f"amount has more than {DECIMALS} decimals")
    return units


def read_hash(value: Json) -> str:
    """Read a block hash or transaction identifier: 64 lower-case hex digits."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("not a hash of 64 lower-case hex digits")
    return value


def read_scan(value: Json, scripts: Collection[str]) -> Scan:
    """Read `scantxoutset start`.

    Args:
        value: the result.
        scripts: the output scripts that were asked for, in hex.

    Raises:
        ValueError: not a finished scan, an output of a script that was not asked for, one outpoint
            twice, an output above the best block, or a total that is not the outputs' sum.
    """
    answer = _object(value)
    if answer.get("success") is not True:
        raise ValueError("scan was not finished")
    height = read_count(answer.get("height"))
    listed = answer.get("unspents")
    if not isinstance(listed, tuple):
        raise ValueError("scan has no list of outputs")  # noqa: TRY004 - a wrong answer
    unspents = tuple(_unspent(item, scripts, height) for item in listed)
    if len({(unspent.txid, unspent.vout) for unspent in unspents}) != len(unspents):
        raise ValueError("scan lists an output twice")
    total = read_amount(answer.get("total_amount"))
    if sum(unspent.units for unspent in unspents) != total:
        raise ValueError("total of the scan is not the sum of its outputs")
    return Scan(height, read_hash(answer.get("bestblock")), unspents)


def read_header(value: Json, block_hash: str) -> Header:
    """Read `getblockheader`; raise ValueError if it is not of the block that was asked for."""
    answer = _object(value)
    confirmations = answer.get("confirmations")
    if type(confirmations) is not int or (confirmations < 1 and confirmations != -1):
        raise ValueError("depth is neither 1 or more nor -1")
    if answer.get("hash") != block_hash:
        raise ValueError("header is of another block")
    height, median_time = read_count(answer.get("height")), read_count(answer.get("mediantime"))
    return Header(block_hash, height, median_time, confirmations)


def read_output(value: Json, unspent: Unspent) -> bool | None:
    """Read `gettxout`: whether the output is of a coinbase, None if it was spent since.

    Raises:
        ValueError: not an output, or not the one that the scan found.
    """
    if value is None:
        return None
    answer = _object(value)
    coinbase = answer.get("coinbase")
    if type(coinbase) is not bool:
        raise ValueError("output does not say whether it is of a coinbase")
    if _object(answer.get("scriptPubKey")).get("hex") != unspent.script:
        raise ValueError("output has another script than in the scan")
    if read_amount(answer.get("value")) != unspent.units:
        raise ValueError("output has another amount than in the scan")
    return coinbase


def read_first_txid(value: Json, block_hash: str, height: int) -> str:
    """Read `getblock`: the identifier of the coinbase transaction, which is a block's first.

    Raises:
        ValueError: not a block with transactions, or not the one that was asked for.
    """
    answer = _object(value)
    if answer.get("hash") != block_hash or answer.get("height") != height:
        raise ValueError("block is another one")
    listed = answer.get("tx")
    if not isinstance(listed, tuple) or not listed:
        raise ValueError("block has no transactions")
    return read_hash(listed[0])


def _unspent(value: Json, scripts: Collection[str], best: int) -> Unspent:
    """Read one output of a scan."""
    answer = _object(value)
    script, coinbase = answer.get("scriptPubKey"), answer.get("coinbase")
    if not isinstance(script, str) or script not in scripts:
        raise ValueError("output of a script that was not asked for")
    if coinbase is not None and type(coinbase) is not bool:
        raise ValueError("coinbase flag is not true or false")
    height = read_count(answer.get("height"))
    if height > best:
        raise ValueError(f"output at height {height}, best block is {best}")
    return Unspent(
        txid=read_hash(answer.get("txid")),
        vout=read_count(answer.get("vout")),
        script=script,
        units=read_amount(answer.get("amount")),
        height=height,
        coinbase=coinbase,
    )


def _object(value: Json) -> dict[str, Json]:
    """Read a JSON object."""
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a wrong answer, not a wrong caller
    return value


def read_count(value: Json) -> int:
    """Read a height or another whole number of zero or more; true is not 1 here."""
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number of zero or more")
    return value
