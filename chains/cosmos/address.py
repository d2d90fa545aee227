"""Addresses of Cosmos SDK chains: bech32 of 20 bytes, canonical in lower case.

    cosmos1qjjjur5et06eszh82pfv7kvdnu3sur23x00t3g        prefix "1" digits checksum (BIP-173)

The bytes are RIPEMD-160(SHA-256(key)) of a compressed secp256k1 key (Cosmos SDK, ADR-028). The
prefix is a label: one key has the same bytes on every such chain, so the chain's own prefix is
required.

Refused: 32 bytes, which are modules', contracts' and group accounts' (ADR-028) and nobody's key;
bech32m; operator and key prefixes (`cosmosvaloper`, `cosmospub`). Multisig accounts and modules of
older chains have 20 bytes too and cannot be told apart here: no key leads to them.

`PREFIXES` lists chains whose accounts follow this rule. Chains of the Ethermint kind (Injective,
Evmos, Dymension) hash their keys with Keccak-256 and are left out on purpose: with the same text
they would name other accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.keyhash import hash160
from chains.refusal import not_an_address
from chains.utxo import bech32
from config.caip import ChainId
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.registry import Chain

PREFIXES: Mapping[ChainId, str] = {
    ChainId("cosmos:cosmoshub-4"): "cosmos",
    ChainId("cosmos:bostrom"): "bostrom",
}
"""The human-readable part of account addresses, by chain."""

_SIZE = 20


def parse_address(chain: Chain, text: str) -> str:
    """Give the lower-case form of an account's address.

    Args:
        chain: a chain of `PREFIXES`.
        text: bech32 in one case, without surrounding spaces.

    Raises:
        InputError: it is not an account of this chain, or the chain has no prefix here.
    """
    prefix = prefix_of(chain)
    try:
        found, digits, constant = bech32.decode(text)
        payload = bech32.bytes_of(digits)
    except InputError as error:
        raise not_an_address(chain, text, error.what) from error
    if found != prefix:
        raise not_an_address(chain, text, f"prefix {found!r}, the chain uses {prefix!r}")
    if constant != bech32.BECH32:
        raise not_an_address(chain, text, "the checksum is bech32m's, not bech32's")
    if len(payload) != _SIZE:
        why = f"{len(payload)} bytes, an account that a key controls has {_SIZE}"
        raise not_an_address(chain, text, why)
    return text.lower()


def address_of_key(chain: Chain, key: bytes) -> str:
    """Give the address of a compressed secp256k1 key, 33 bytes; raise InputError as prefix_of."""
    digits = bech32.digits_of(hash160(key))
    return bech32.encode(prefix_of(chain), digits, bech32.BECH32)


def prefix_of(chain: Chain) -> str:
    """Give the prefix of a chain's account addresses; raise InputError if it is not known."""
    if chain.id not in PREFIXES:
        known = ", ".join(PREFIXES)
        raise InputError(f"no address prefix known for {chain.id!r}", f"known: {known}")
    return PREFIXES[chain.id]
