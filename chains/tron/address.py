"""Tron addresses: 0x41 and 20 bytes, canonical as base58 with a checksum (`T` and 33 letters).

    TJRabPrwbZy45sbavfcjinPJC18kjpRTv8        base58check(0x41 || last 20 bytes of the key's hash)
    415cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb    the same in hex, as nodes write it

Both forms are read. Hex has no checksum, so it is taken in either case and nothing can be checked;
the canonical form shows a reader what was understood. The form of EVM chains (`0x` and 40 digits)
is refused: it names no chain, and an exchange's Ethereum address pasted here would pass.

The hash is Keccak-256 of the uncompressed key without its first byte, as on Ethereum; contracts
have addresses of the same form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

# The backend is named rather than left to `eth_hash.auto`, which an environment variable can turn.
from eth_hash.backends.pysha3 import keccak256

from chains import base58text
from chains.refusal import not_an_address
from config.errors import InputError

if TYPE_CHECKING:
    from config.registry import Chain

MAX_LENGTH = 34
"""25 bytes that begin with 0x41 are 34 letters."""
PREFIX = b"\x41"

_SIZE = 21
_HEX = re.compile(r"41[0-9a-fA-F]{40}", re.ASCII)
_HINT = "write the form that begins with T"


def parse_address(chain: Chain, text: str) -> str:
    """Give the base58 form of an address.

    Args:
        chain: the chain it is on, for the message.
        text: base58 or hex, without surrounding spaces.

    Raises:
        InputError: it is neither.
    """
    if _HEX.fullmatch(text):
        return base58text.encode_check(bytes.fromhex(text))
    try:
        payload = base58text.decode_check(text, MAX_LENGTH)
    except InputError as error:
        raise not_an_address(chain, text, error.what, _HINT) from error
    if len(payload) != _SIZE or not payload.startswith(PREFIX):
        why = f"{len(payload)} bytes that begin with {payload[:1].hex()}, 21 with 41 are needed"
        raise not_an_address(chain, text, why, _HINT)
    return text


def address_of_key(key: bytes) -> str:
    """Give the address of an uncompressed secp256k1 key without its first byte, 64 bytes."""
    return base58text.encode_check(PREFIX + keccak256(key)[12:])
