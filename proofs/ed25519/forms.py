"""The forms that chains and wallets build around a text before an ed25519 key signs it.

Each takes the claim and the values of the profile's fields and gives what was signed, the signature
and the key. They frame and hash; nothing is checked here but the shape of what they are given.

    okx            the header and the text, each after its CompactSize length; the bytes are signed
                   themselves (okx/proof-of-reserves `common/ed25519.go`)
    sep-53         Stellar SEP-53; signature in hex
    sui-personal   Sui intent signing; `signature` is hex of flag (0) || signature || key
    aptos-message  the full message of an Aptos wallet's `signMessage`, of message and nonce alone
    ton-proof      TON Connect `ton_proof`: the text is the payload
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.ton.address import parts_of
from proofs.control import InvalidProof
from proofs.ed25519 import signature as ed25519
from proofs.utxo.bitcoinlib_message import framed

if TYPE_CHECKING:
    from proofs.control import Signing

OKX_HEADER = "OKX Signed Message:\n"
STELLAR_HEADER = b"Stellar Signed Message:\n"
SUI_INTENT = b"\x03\x00\x00"
"""Personal message, version 0, the application Sui."""
TON_ITEM = b"ton-proof-item-v2/"
TON_DOMAIN = b"\xff\xffton-connect"
MAX_DOMAIN = 253
"""Characters of a host name."""

_SUI = re.compile(r"(?:0[xX])?00([0-9a-fA-F]{128})([0-9a-fA-F]{64})", re.ASCII)
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a form makes of a claim."""

    signed: bytes
    """The bytes under the signature."""
    signature: bytes
    """64 bytes."""
    public_key: str
    """Hex; empty where the address is the key and the claim gives none."""


def okx(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Frame a text as an exchange does that publishes its proofs on many chains."""
    del values
    return _plain(signing, framed(signing.message, OKX_HEADER))


def sep_53(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Hash a text as Stellar SEP-53 says."""
    del values
    return _plain(signing, _hashed(signing, STELLAR_HEADER + signing.message))


def aptos_message(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Write the full message of an Aptos wallet that was given a message and a nonce."""
    (nonce,) = values
    return _plain(signing, b"APTOS\nmessage: " + signing.message + b"\nnonce: " + nonce.encode())


def sui_personal(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Hash a text as a Sui wallet does, and take its signature apart.

    Raises:
        InvalidProof: `malformed_signature` unless it is of an ed25519 key; `key_mismatch` if
            `public_key` gives another key than the signature carries.
    """
    del values
    match = _SUI.fullmatch(signing.signature)
    if match is None:
        raise InvalidProof("malformed_signature")
    key = match[2].lower()
    if signing.public_key and ed25519.parse_key(signing.public_key).hex() != key:
        raise InvalidProof("key_mismatch")
    return Envelope(sui_digest(signing), bytes.fromhex(match[1]), key)


def sui_digest(signing: Signing) -> bytes:
    """Give the 32 bytes that a Sui key of any kind signs for a text."""
    preimage = SUI_INTENT + _uleb128(len(signing.message)) + signing.message
    signing.show("digest preimage", preimage)
    return hashlib.blake2b(preimage, digest_size=32).digest()


def ton_proof(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Hash a payload as a TON wallet does for a site that asks who it is.

    Raises:
        InvalidProof: `malformed_profile` for a domain that is too long, or a timestamp that is not
            a number.
    """
    domain, timestamp = values
    if len(domain) > MAX_DOMAIN or _TIMESTAMP.fullmatch(timestamp) is None:
        raise InvalidProof("malformed_profile")
    workchain, account = parts_of(signing.addresses[0])
    item = (
        TON_ITEM
        + workchain.to_bytes(4, "big", signed=True)
        + account
        + len(domain).to_bytes(4, "little")
        + domain.encode()
        + int(timestamp).to_bytes(8, "little")
        + signing.message
    )
    signing.show("proof item", item)
    return _plain(signing, _hashed(signing, TON_DOMAIN + hashlib.sha256(item).digest()))


def _plain(signing: Signing, signed: bytes) -> Envelope:
    return Envelope(signed, ed25519.parse_signature(signing.signature), signing.public_key)


def _hashed(signing: Signing, preimage: bytes) -> bytes:
    signing.show("digest preimage", preimage)
    return hashlib.sha256(preimage).digest()


def _uleb128(number: int) -> bytes:
    """Write a length in groups of seven bits, the lowest first (BCS)."""
    groups = []
    while number >= 1 << 7:
        groups.append(number & 0x7F | 1 << 7)
        number >>= 7
    return bytes((*groups, number))
