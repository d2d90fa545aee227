"""Other implementations, asked by the tests whether they agree.

python-bitcoinlib speaks for P2PKH on Bitcoin alone; it raises where no key can be recovered. The
`bip322` package (rust-bitcoin) speaks for simple proofs without a prefix; it gives None for valid
and raises otherwise, whatever its stub says.
"""

from __future__ import annotations

# Neither package has types that say what it does; what comes out here is a bool of ours.
import bip322 as rust_bip322
from bitcoin.signmessage import BitcoinMessage, VerifyMessage  # type: ignore[import-untyped]


def p2pkh_agrees(address: str, message: str, signature: str) -> bool:
    """Ask python-bitcoinlib."""
    try:
        return bool(VerifyMessage(address, BitcoinMessage(message), signature))
    except (TypeError, ValueError):
        return False


def simple_agrees(address: str, message: str, text: str) -> bool:
    """Ask rust-bitcoin, without the prefix."""
    try:
        rust_bip322.verify_simple_encoded(address, message, text.removeprefix("smp"))
    except rust_bip322.VerificationError:
        return False
    return True


def magic_hash(message: str, header: str) -> bytes:
    """Ask python-bitcoinlib's own message class."""
    return bytes(BitcoinMessage(message, header).GetHash())
