"""Claims for the tests of EVM schemes: published vectors, and signatures made by eth-account."""

from __future__ import annotations

import json
from base64 import b32decode
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from chains.evm.address import checksummed
from config.caip import AssetId, ChainId
from config.registry import Chain
from proofs.control import InvalidProof, Signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs.control import Proof

    Verify: TypeAlias = Callable[[Signing], Proof]

VECTORS = Path(__file__).parents[2] / "vectors"

ETHEREUM = Chain(
    id=ChainId("eip155:1"),
    name="ethereum",
    title="Ethereum",
    family="evm",
    network="main",
    native=AssetId("eip155:1/slip44:60"),
    confirmations=64,
    source="made for tests",
    checked="made for tests",
)


def vectors(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def claim(address: str, message: bytes | str, signature: str) -> Signing:
    """Make a claim; the address may be in any case, or Filecoin's `f410` form."""
    canonical = checksummed(address_bytes(address))
    text = message.encode() if isinstance(message, str) else message
    return Signing(ETHEREUM, (canonical,), text, signature)


def address_bytes(address: str) -> bytes:
    """Read an address; `f410f` is base32 of 20 bytes and a checksum (Filecoin FIP-0048)."""
    if not address.startswith("f410f"):
        return bytes.fromhex(address[2:])
    text = address.removeprefix("f410f").upper()
    data = b32decode(text + "=" * (-len(text) % 8))
    # Protocol 4, then namespace 10 as LEB128, then the payload.
    if blake2b(b"\x04\x0a" + data[:20], digest_size=4).digest() != data[20:]:
        raise ValueError(f"checksum of {address} wrong")
    return data[:20]


def verdict(verify: Verify, signing: Signing) -> str:
    """Give `proved`, or the reason why not; anything else that is raised fails the test."""
    try:
        verify(signing)
    except InvalidProof as refused:
        return refused.reason
    return "proved"
