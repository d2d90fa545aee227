"""Scheme `solana-offchain-v0`: Solana's off-chain message, version 0, as the command line signs it.

    0xff "solana offchain" || version 0 (1) || format (1) || length, little end first (2) || text

    format 0   printable ASCII without line ends, at most 1212 bytes
           1   UTF-8, at most 1212 bytes
           2   UTF-8, at most 65515 bytes

The format follows from the text, so a text has one form. Empty text, bytes that are not UTF-8 and
longer text have none and are refused. Source: `solana-offchain-message` of the Rust SDK at 122f32e5
(`v0::OffchainMessage::new`).

The specification also has a form with an application's domain and a list of signers, which later
releases of the SDK call version 0 too. It is another byte string, and is refused as a wrong
signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof
from proofs.ed25519 import signature as ed25519
from proofs.ed25519.account import prove

if TYPE_CHECKING:
    from proofs.control import Proof, Signing

HEAD = b"\xffsolana offchain\x00"
MAX_DEVICE_TEXT = 1232 - 17 - 3
"""Bytes: a packet, without what stands before the text."""
MAX_TEXT = 0xFFFF - 17 - 3

_PRINTABLE = range(0x20, 0x7F)


def verify(signing: Signing) -> Proof:
    """Check the key's signature of the off-chain message.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `unknown_profile` for any profile,
            `malformed_message`, `malformed_signature`, and what `proofs.ed25519.account.prove`
            raises.
    """
    if signing.chain.family != "solana":
        raise InvalidProof("scheme_not_for_chain")
    if signing.profile:
        raise InvalidProof("unknown_profile")
    signed = serialize(signing.message)
    signature = ed25519.parse_signature(signing.signature)
    return prove(signing, signed, signature, signing.public_key)


def serialize(message: bytes) -> bytes:
    """Write the off-chain message of a text; raise InvalidProof `malformed_message`."""
    form = bytes((_format(message),))
    return HEAD + form + len(message).to_bytes(2, "little") + message


def _format(message: bytes) -> int:
    if not 0 < len(message) <= MAX_TEXT:
        raise InvalidProof("malformed_message")
    if len(message) <= MAX_DEVICE_TEXT and all(byte in _PRINTABLE for byte in message):
        return 0
    try:
        message.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidProof("malformed_message") from error
    return 1 if len(message) <= MAX_DEVICE_TEXT else 2
