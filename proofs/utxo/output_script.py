"""What kind of output script an address stands for, and the hashes that lead to it.

A scheme of the Bitcoin family asks two things of an address: which template its script fills
(BIP-16, BIP-141, BIP-341), and whether the chain knows that template at all. Addresses are decoded
by `chains.utxo.address`; here a fault of an address becomes a reason of ours. A script that fills
no template is `other`, and no scheme that recovers a key accepts it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chains.keyhash import hash160
from chains.utxo.address import script_of
from config.errors import InputError
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from config.registry import Chain, UtxoFormat

Kind = Literal["p2pkh", "p2sh", "p2wpkh", "p2wsh", "p2tr", "other"]

_TEMPLATES: dict[bytes, tuple[Kind, bytes, int, bytes, int]] = {
    b"\x76\xa9": ("p2pkh", b"\x76\xa9\x14", 23, b"\x88\xac", 25),
    b"\xa9\x14": ("p2sh", b"\xa9\x14", 22, b"\x87", 23),
    b"\x00\x14": ("p2wpkh", b"\x00\x14", 22, b"", 22),
    b"\x00\x20": ("p2wsh", b"\x00\x20", 34, b"", 34),
    b"\x51\x20": ("p2tr", b"\x51\x20", 34, b"", 34),
}
"""By the first two bytes: kind, opcodes before the program, where it ends, opcodes after it, and
the size of all."""


@dataclass(frozen=True, slots=True)
class OutputScript:
    """An output script and its template."""

    kind: Kind
    program: bytes
    """The hash or key between the template's opcodes; empty for `other`."""
    script: bytes


def classify(script: bytes) -> OutputScript:
    """Find the template that a script fills to the last byte."""
    # The five differ in their first two bytes, so one template at most can fit.
    template = _TEMPLATES.get(script[:2])
    if template is not None:
        kind, head, end, tail, size = template
        if len(script) == size and script.startswith(head) and script.endswith(tail):
            return OutputScript(kind, script[len(head) : end], script)
    return OutputScript("other", b"", script)


def formats_of(chain: Chain) -> UtxoFormat:
    """Give the chain's formats; raise InvalidProof `scheme_not_for_chain` on another family."""
    if chain.utxo is None:
        raise InvalidProof("scheme_not_for_chain")
    return chain.utxo


def resolve(chain: Chain, address: str) -> OutputScript:
    """Give the output script of an address.

    Raises:
        InvalidProof: `scheme_not_for_chain` for a chain of another family, or an address not of
        this chain.
    """
    formats_of(chain)
    try:
        return classify(script_of(chain, address))
    except InputError as error:
        raise InvalidProof("scheme_not_for_chain") from error


def nested_key_hash(key_hash: bytes) -> bytes:
    """Give the P2SH program of a P2WPKH script (BIP-141, "P2WPKH nested in BIP16 P2SH")."""
    return hash160(b"\x00\x14" + key_hash)


def nested_script_hash(script: bytes) -> bytes:
    """Give the P2SH program of the P2WSH script of a witness script (BIP-141)."""
    return hash160(b"\x00\x20" + hashlib.sha256(script).digest())
