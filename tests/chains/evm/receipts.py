"""Receipts, transactions and logs as nodes write them, for tests to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evm.effects import TRANSFER
from tests.chains.evm.fakechain import ALICE, BOB, COIN, FakeChain

if TYPE_CHECKING:
    from tests.misbehaving import Json

TXID = "0x" + "7a" * 32
GAS, PRICE = 21_000, 10**9
FEE = GAS * PRICE
MOST = 2**256 - 1


def word(address: str) -> str:
    return f"0x{address[2:].lower():0>64}"


def transfer_log(
    units: int, sender: str = ALICE, to: str = BOB, index: int = 0, **change: Json
) -> dict[str, Json]:
    right: dict[str, Json] = {
        "address": COIN.lower(),
        "topics": [TRANSFER, word(sender), word(to)],
        "data": f"0x{units:064x}",
        "logIndex": hex(index),
        "transactionHash": TXID,
        "removed": False,
    }
    return right | change


def receipt(height: int = 5, *logs: Json, **change: Json) -> dict[str, Json]:
    right: dict[str, Json] = {
        "transactionHash": TXID,
        "blockHash": FakeChain().block_hash(height),
        "blockNumber": hex(height),
        "status": "0x1",
        "gasUsed": hex(GAS),
        "effectiveGasPrice": hex(PRICE),
        "contractAddress": None,
        "logs": list(logs),
    }
    return right | change


def transaction(height: int = 5, value: int = 700, **change: Json) -> dict[str, Json]:
    right: dict[str, Json] = {
        "hash": TXID,
        "type": "0x2",
        "blockHash": FakeChain().block_hash(height),
        "blockNumber": hex(height),
        "from": ALICE.lower(),
        "to": BOB.lower(),
        "value": hex(value),
    }
    return right | change


def without(answer: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: value for name, value in answer.items() if name not in names}
