"""Recorded headers and state proofs of Ethereum, and a header of every fork."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_hash.backends.pysha3 import keccak256

FOLDER = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A proof of one key, as a node gave it."""

    name: str
    root: bytes
    key: bytes
    """Hashed."""
    proof: tuple[bytes, ...]


def load(name: str) -> Any:  # noqa: ANN401 - each source has a shape of its own
    return json.loads((FOLDER / name).read_text("utf-8"))


def data(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def slot_key(text: str) -> bytes:
    """Read a slot's number as nodes write it, padded or not."""
    return int(text, 16).to_bytes(32, "big")


def nodes_of(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(data(text) for text in texts)


CASES: list[dict[str, Any]] = load("ethereum-mainnet/state-proofs.json")
HEADERS: list[dict[str, Any]] = load("ethereum-mainnet/headers.json")
FORKS: dict[str, dict[str, Any]] = {
    one["fork"]: one["header"] for one in load("ethereum-forks.json")["vectors"]
} | {"cancun": HEADERS[0], "prague": HEADERS[-1]}
"""One header of every fork that added fields."""

ACCOUNT_PROOFS = tuple(
    Recorded(
        f"account {number}",
        data(case["header"]["stateRoot"]),
        keccak256(data(case["proof"]["address"])),
        nodes_of(case["proof"]["accountProof"]),
    )
    for number, case in enumerate(CASES)
)
SLOT_PROOFS = tuple(
    Recorded(
        f"slot {number} of {at}",
        data(case["proof"]["storageHash"]),
        keccak256(slot_key(slot["key"])),
        nodes_of(slot["proof"]),
    )
    for at, case in enumerate(CASES)
    for number, slot in enumerate(case["proof"]["storageProof"])
)
PROOFS = ACCOUNT_PROOFS + SLOT_PROOFS
