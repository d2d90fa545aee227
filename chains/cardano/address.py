"""Cardano addresses: bech32 `addr1…` of a header byte, a payment part and a staking part (CIP-19).

    header || payment hash (28) [ || staking hash (28) ]
    header   high half: kind; low half: network, 1 for the main one
    kind     0 key, key · 1 script, key · 2 key, script · 3 script, script
             6 key, no staking · 7 script, no staking

    addr1v80axvuddhj0mhlyzk9ness59ev752qvpw53fvf5xjy24yqhvxq3j

The payment part decides who spends. Refused: pointer addresses (kinds 4 and 5, which the ledger no
longer makes), reward accounts (`stake1…`), Byron addresses (base58), test networks (`addr_test1…`).
The canonical text is lower case.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chains.refusal import not_an_address
from chains.utxo import bech32
from config.errors import InputError

if TYPE_CHECKING:
    from config.registry import Chain

MAX_LENGTH = 128
"""An address with both parts has 103 characters."""
PREFIX = "addr"
MAIN = 1
HASH_SIZE = 28

_WITH_STAKING, _ALONE = (0, 1, 2, 3), (6, 7)
_PAYMENT_SCRIPT = 1
"""The lowest bit of the kind: a script decides on payments."""


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is a base or enterprise address of the chain."""
    try:
        prefix, data = bech32.decode_long(text, MAX_LENGTH)
    except InputError as error:
        raise not_an_address(chain, text, error.what) from error
    if prefix != PREFIX:
        raise not_an_address(chain, text, f"its prefix is not {PREFIX!r}")
    kind, network = divmod(data[0] if data else 0, 16)
    if network != MAIN:
        raise not_an_address(chain, text, f"network {network}, the main one is {MAIN}")
    parts = 2 if kind in _WITH_STAKING else 1
    if kind not in (*_WITH_STAKING, *_ALONE) or len(data) != 1 + parts * HASH_SIZE:
        raise not_an_address(chain, text, f"kind {kind} with {len(data)} bytes is not read")
    return text.lower()


def data_of(address: str) -> bytes:
    """Give the bytes of a canonical address, header first."""
    return bech32.decode_long(address, MAX_LENGTH)[1]


def has_payment_key(address: str) -> bool:
    """Tell whether a key decides on payments from a canonical address, and not a script."""
    return not (data_of(address)[0] >> 4) & _PAYMENT_SCRIPT


def address_of_key(key: bytes, like: str) -> str:
    """Write the address that has a key as its payment key, and the rest of another address.

    Args:
        key: the ed25519 public key.
        like: a canonical address whose header and staking part are kept.
    """
    data = data_of(like)
    payment = hashlib.blake2b(key, digest_size=HASH_SIZE).digest()
    return _write(data[:1] + payment + data[1 + HASH_SIZE :])


def _write(data: bytes) -> str:
    return bech32.encode(PREFIX, bech32.digits_of(data), bech32.BECH32)
