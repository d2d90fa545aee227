"""What a receipt of an EVM chain says was moved and paid: tokens, fee, a new contract. Pure.

    Transfer(address indexed from, address indexed to, uint256 value)          EIP-20
    topics[0] = keccak256("Transfer(address,address,uint256)"), topics[1] = from, topics[2] = to

A log counts if its address is a known token's contract and it has exactly this form: three topics
and 32 bytes of data. Everything else is passed over: NFTs have a fourth topic, and what an unknown
contract says moved is its own affair. A log is known by its index in the block; a receipt whose
indexes do not rise repeats one, and is refused.

The fee is `gasUsed * effectiveGasPrice`, and besides what blobs cost (EIP-4844) and what rollups of
the OP stack charge for the chain below (`l1Fee`). It is not known (None) where a receipt gives no
price, or has a part that is not computed here: an operator's fee, or Mantle's `tokenRatio`, by
which its gas holds the chain below in other units.

Not seen: tokens that move balances without this event (wrapped ether that is unwrapped), and coins
that contracts move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.evm.calls import MalformedAnswer, decode_quantity, decode_word
from chains.evm.transactions import decode_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import Json
    from config.caip import AssetId

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""Topic of the event."""

MAX_GAS = 1 << 64
"""No transaction may use as much (EIP-4803)."""

BLOBS = 3
"""Type of a transaction with blobs (EIP-4844)."""

_OTHER_FEES = ("operatorFeeScalar", "operatorFeeConstant", "tokenRatio")
_TOPICS = 3
_WORD = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_PADDING = "0x" + "0" * 24


@dataclass(frozen=True, slots=True)
class Transfer:
    """A token's word that it was moved."""

    asset: AssetId
    sender: str
    recipient: str
    units: int


@dataclass(frozen=True, slots=True)
class Effects:
    """What a receipt says."""

    contract: str | None
    """The contract that was created; None if none was."""
    transfers: tuple[Transfer, ...]
    fee: int | None
    """Base units of the native coin; None if it is not known."""


def decode_effects(
    result: Json, txid: str, kind: int, tokens: Mapping[str, AssetId]
) -> Effects | None:
    """Read what a receipt says was moved; None where there is no receipt.

    Args:
        result: the receipt.
        txid: the transaction.
        kind: its type.
        tokens: assets by their contract, in lower case.

    Raises:
        MalformedAnswer: a part is missing, or has not its form.
    """
    if result is None:
        return None
    if not isinstance(result, dict):
        raise MalformedAnswer("not a receipt")
    logs, created = result.get("logs"), result.get("contractAddress")
    if not isinstance(logs, tuple):
        raise MalformedAnswer("receipt without logs")
    return Effects(
        None if created is None else decode_address(created),
        _transfers(logs, txid, tokens),
        _fee(result, kind),
    )


def _transfers(
    logs: tuple[Json, ...], txid: str, tokens: Mapping[str, AssetId]
) -> tuple[Transfer, ...]:
    found, last = [], -1
    for log in logs:
        if not isinstance(log, dict) or log.get("transactionHash") != txid:
            raise MalformedAnswer("not a log of the transaction asked for")
        index = decode_quantity(log.get("logIndex"))
        if index <= last or log.get("removed") not in (None, False):
            raise MalformedAnswer("log repeated, out of order, or taken back")
        last = index
        transfer = _transfer(log, tokens)
        if transfer is not None:
            found.append(transfer)
    return tuple(found)


def _transfer(log: dict[str, Json], tokens: Mapping[str, AssetId]) -> Transfer | None:
    """Read a log; None if it is of another contract or another event."""
    asset = tokens.get(decode_address(log.get("address")).lower())
    topics, data = log.get("topics"), log.get("data")
    if not isinstance(topics, tuple) or not isinstance(data, str):
        raise MalformedAnswer("log without topics or data")
    if any(not isinstance(one, str) or _WORD.fullmatch(one) is None for one in topics):
        raise MalformedAnswer("topic is not 32 bytes")
    if asset is None or topics[:1] != (TRANSFER,) or len(topics) != _TOPICS:
        return None
    if _WORD.fullmatch(data) is None:
        return None
    sender, recipient = (_address_in(str(one)) for one in topics[1:])
    return Transfer(asset, sender, recipient, decode_word(data))


def _address_in(word: str) -> str:
    if not word.startswith(_PADDING):
        raise MalformedAnswer("topic is not an address")
    return decode_address(f"0x{word[len(_PADDING) :]}")


def _fee(receipt: dict[str, Json], kind: int) -> int | None:
    gas = decode_quantity(receipt.get("gasUsed"))
    if gas >= MAX_GAS:
        raise MalformedAnswer("gas beyond 64 bits")
    price, below = (_optional(receipt, name) for name in ("effectiveGasPrice", "l1Fee"))
    if price is None or any(_optional(receipt, name) for name in _OTHER_FEES):
        return None
    fee = gas * price + (below or 0)
    if kind != BLOBS:
        return fee
    blob_gas, blob_price = (_optional(receipt, name) for name in ("blobGasUsed", "blobGasPrice"))
    if blob_gas is None or blob_price is None:
        return None
    if blob_gas >= MAX_GAS:
        raise MalformedAnswer("gas beyond 64 bits")
    return fee + blob_gas * blob_price


def _optional(receipt: dict[str, Json], name: str) -> int | None:
    """Read a quantity that not every chain gives."""
    value = receipt.get(name)
    return None if value is None else decode_quantity(value)
