"""The published vectors, and claims made from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs.control import InconclusiveProof, InvalidProof, Signing
from tests.chains.utxo import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.registry import Chain
    from proofs.control import Proof

FOLDER = Path(__file__).parents[2] / "vectors"


def load(name: str) -> Any:  # noqa: ANN401 - each source has a shape of its own
    """Give the entries of a file."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["vectors"]


def claim(
    address: str,
    message: str | bytes,
    signature: str,
    chain: Chain = rows.BITCOIN,
    script: str = "",
) -> Signing:
    """Make a claim of one account."""
    data = message.encode() if isinstance(message, str) else message
    return Signing(chain, (address,), data, signature, script=script)


def verdict(verify: Callable[[Signing], Proof], signing: Signing) -> str:
    """Give `proved`, or the reason why not; `inconclusive` is put before its reason."""
    try:
        verify(signing)
    except InvalidProof as refused:
        return refused.reason
    except InconclusiveProof as undecided:
        return f"inconclusive {undecided.reason}"
    return "proved"
