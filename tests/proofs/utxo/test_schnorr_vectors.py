"""BIP-340's published signatures, by the library that checks every taproot signature here.

`bip322`, `bip127` and `onchain-transfer` run scripts by btclib's engine, which hands each Schnorr
signature to this binding; the other vectors of taproot go through whole transactions.
"""

from __future__ import annotations

from typing import Any

import pytest
from btclib_secp256k1 import ssa

from tests.proofs.utxo.vectors import load

VECTORS = load("bip340-schnorr")


def verifies(vector: dict[str, Any]) -> bool:
    parts = (bytes.fromhex(vector[name]) for name in ("message", "public_key", "signature"))
    try:
        return ssa.verify(*parts)
    except ValueError:  # a key that is no point
        return False


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"index-{vector['index']}")
def test_published_signatures_have_their_result(vector: dict[str, Any]) -> None:
    assert verifies(vector) is (vector["result"] == "TRUE")


def test_both_results_are_among_them() -> None:
    assert {"TRUE", "FALSE"} == {vector["result"] for vector in VECTORS}
