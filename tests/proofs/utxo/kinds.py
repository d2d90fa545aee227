"""One output script of every kind, and how its owner satisfies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.utxo.address import address_of_script
from proofs import bip322
from tests.chains.utxo import rows
from tests.proofs.utxo.signer import (
    KEYS,
    by_key_hash,
    by_redeem_script,
    by_taproot_key,
    by_taproot_leaf,
    by_witness_key_hash,
    by_witness_script,
    multisig,
    p2pkh,
    p2sh,
    p2tr,
    p2tr_leaf,
    p2wpkh,
    p2wsh,
    point,
)
from tests.proofs.utxo.vectors import claim, verdict

if TYPE_CHECKING:
    from btclib.alias import ScriptList

    from config.registry import Chain
    from tests.proofs.utxo.signer import Unlock

A, B, OTHER = KEYS[:3]
TEXT = b"I control this address"
PAIR = multisig(2, (point(A), point(B)))
LEAF: ScriptList = [point(A)[1:], "OP_CHECKSIG"]
EMPTY = b"\x00"

NATIVE: dict[str, tuple[bytes, Unlock]] = {
    "p2wpkh": (p2wpkh(point(A)), by_witness_key_hash(A)),
    "p2wsh": (p2wsh(PAIR), by_witness_script(PAIR, (A, B), (b"",))),
    "p2tr": (p2tr(A), by_taproot_key(A)),
    "p2tr-all": (p2tr(A), by_taproot_key(A, 1)),
    "p2tr-leaf": (p2tr_leaf(LEAF), by_taproot_leaf(LEAF, (A,))),
}
WRAPPED: dict[str, tuple[bytes, Unlock]] = {
    "p2pkh": (p2pkh(point(A)), by_key_hash(A)),
    "p2sh": (p2sh(PAIR), by_redeem_script(PAIR, (A, B), EMPTY)),
    "p2sh-p2wpkh": (p2sh(p2wpkh(point(A))), by_witness_key_hash(A, nested=True)),
}
ALL_KINDS = NATIVE | WRAPPED


def address(script: bytes, chain: Chain = rows.BITCOIN) -> str:
    """Give a script's address, which must exist."""
    text = address_of_script(chain, script)
    assert text is not None
    return text


def judge(script: bytes, text: str, message: bytes = TEXT) -> str:
    """Judge a BIP-322 claim of a Bitcoin script's address."""
    return verdict(bip322.verify, claim(address(script), message, text))
