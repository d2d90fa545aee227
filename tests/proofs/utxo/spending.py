"""Transactions for the tests of schemes that show one: coins, and how their owners sign."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx, TxIn, TxOut
from btclib_wallet.psbt import Psbt

from chains.snapshot import Coin
from proofs.bip127 import PREFIX
from tests.proofs.utxo.signer import coin, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.caip import ChainId
    from tests.proofs.utxo.signer import Unlock

OP_TRUE = b"\x51"
SINK = b"\x6a"
"""Where a proof's sum goes; nobody ever receives it."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A coin, and how its owner signs for it."""

    script: bytes
    unlock: Unlock
    units: int = 1000
    number: int = 1

    @property
    def made(self) -> tuple[Tx, OutPoint]:
        return coin(self.script, self.units, self.number)


@dataclass(frozen=True, slots=True)
class Reserves:
    """A proof-of-reserves transaction to be made."""

    message: bytes
    coins: tuple[Owned, ...]
    twice: bool = False
    first: bytes = b""
    """The script that the first input would spend."""
    total: int | None = None
    """The output's amount; the sum by default."""
    index: int = 0
    sequence: int = 0xFFFFFFFF
    lock_time: int = 0

    def but(self, **changes: object) -> Reserves:
        return replace(self, **changes)  # type: ignore[arg-type]

    def outpoint(self) -> OutPoint:
        digest = hashlib.sha256(PREFIX + self.message).digest()
        digest = hashlib.sha256(digest).digest() if self.twice else digest
        return OutPoint(digest[::-1], self.index, check_validity=False)

    def tx(self) -> Tx:
        total = sum(one.units for one in self.coins) if self.total is None else self.total
        points = [self.outpoint(), *(one.made[1] for one in self.coins)]
        inputs = [TxIn(point, b"", self.sequence, Witness()) for point in points]
        made = Tx(2, self.lock_time, inputs, [TxOut(total, SINK)], check_validity=False)
        return signed(made, self.prevouts(), (None, *(one.unlock for one in self.coins)))

    def prevouts(self) -> list[TxOut]:
        return [
            TxOut(0, self.first, check_validity=False),
            *(TxOut(one.units, one.script) for one in self.coins),
        ]

    def hex(self) -> str:
        return hex_of(self.tx())

    def psbt(self) -> Psbt:
        tx = self.tx()
        made = Psbt.from_tx(unsigned(tx), check_validity=False)
        made.inputs[0].witness_utxo = self.prevouts()[0]
        for index, owned in enumerate(self.coins, 1):
            made.inputs[index].non_witness_utxo = owned.made[0]
            made.inputs[index].final_script_sig = tx.vin[index].script_sig
            made.inputs[index].final_script_witness = tx.vin[index].script_witness
        return made

    def base64(self) -> str:
        return encode(self.psbt().serialize(check_validity=False))

    def on_chain(self, chain: ChainId) -> Mapping[tuple[ChainId, str, int], Coin]:
        found = {}
        for one in self.coins:
            point = one.made[1]
            name = (point.tx_id.hex(), point.vout)
            made = Coin(chain, *name, one.script.hex(), one.units, 1, coinbase=False)
            found[(chain, *name)] = made
        return found


def signed(tx: Tx, prevouts: list[TxOut], unlocks: tuple[Unlock | None, ...]) -> Tx:
    """Let each owner sign; all signatures are over the transaction without any."""
    done = [None if how is None else how(tx, prevouts, at) for at, how in enumerate(unlocks)]
    for spending, proof in zip(tx.vin, done, strict=True):
        if proof is not None:
            spending.script_sig, spending.script_witness = proof
    return tx


def unsigned(tx: Tx) -> Tx:
    inputs = [TxIn(one.prev_out, b"", one.sequence, Witness()) for one in tx.vin]
    return Tx(tx.version, tx.lock_time, inputs, tx.vout, check_validity=False)


def hex_of(tx: Tx) -> str:
    return tx.serialize(include_witness=True, check_validity=False).hex()
