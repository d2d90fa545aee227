"""Claims for the tests of ed25519 schemes, on the shipped registry's chains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey

from chains.aptos import address as aptos
from chains.cardano import address as cardano
from chains.families import ChainAddresses
from chains.polkadot import address as polkadot
from chains.solana import address as solana
from chains.stellar import address as stellar
from chains.sui import address as sui
from chains.ton import address as ton
from config.registry_files import load_registry
from proofs.control import InvalidProof, Signing, UnprovedClaim
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from proofs.control import Proof, Show

VECTORS = Path(__file__).parents[2] / "vectors"
REGISTRY = load_registry()
KEY = SigningKey(b"\x07" * 32)
PUBLIC = bytes(KEY.verify_key)
ENTERPRISE = "addr1v80axvuddhj0mhlyzk9ness59ev752qvpw53fvf5xjy24yqhvxq3j"
ADDRESSES = {
    "solana": solana.address_of_key(PUBLIC),
    "polkadot": polkadot.address_of_key(PUBLIC),
    "stellar": stellar.address_of_key(PUBLIC),
    "aptos": aptos.address_of_key(PUBLIC),
    "sui": sui.address_of_key(PUBLIC),
    "cardano": cardano.address_of_key(PUBLIC, like=ENTERPRISE),
    "ton": ton.wallets_of_key(PUBLIC)[1],
}
"""The account of KEY on every chain of such keys."""
OWN_NAME = ("solana", "polkadot", "stellar")
"""Chains whose address is the key."""


def vectors(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]


def claim(
    chain: str,
    message: bytes,
    signature: bytes | str,
    address: str = "",
    public_key: str | None = None,
    profile: str = "",
) -> Signing:
    """Make a claim; by default about KEY's account, with its key where one is needed."""
    row = REGISTRY.chain(chain)
    given = PUBLIC.hex() if public_key is None and chain not in OWN_NAME else public_key or ""
    canonical = ChainAddresses().canonical(row, address or ADDRESSES[chain])
    text = signature if isinstance(signature, str) else signature.hex()
    return Signing(row, (canonical,), message, text, public_key=given, profile=profile)


def sign(signed: bytes) -> bytes:
    return KEY.sign(signed).signature


def prove(scheme: str, signing: Signing) -> Proof:
    return SCHEMES[scheme].load()(signing)


def verdict(scheme: str, signing: Signing) -> str:
    """Give `proved`, or the reason why not; anything else that is raised fails the test."""
    try:
        prove(scheme, signing)
    except (InvalidProof, UnprovedClaim) as refused:
        return refused.reason
    return "proved"


def listener(heard: list[tuple[str, str]]) -> Show:
    def show(step: str, value: str | bytes) -> None:
        heard.append((step, value if isinstance(value, str) else value.hex()))

    return show
