"""pins.json: what an observation is about, for whoever binds something else to the same blocks.

    {"asOf": "2026-11-30T15:00:00Z", "entity": LEI or name, "network": "main",
     "pins": [{"blockHash": "…", "chain": CAIP-2, "height": "…"}]}

`attest observe` writes it beside the evidence. It is no evidence: whoever judges decodes the blocks
from the sources' answers, and compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.times import format_time
from proofs.challenge import entity_line

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from chains.snapshot import Snapshot

PINS = "pins.json"


def pins_document(inputs: Inputs, as_of: int, snapshot: Snapshot) -> dict[str, object]:
    """Say what an observation is about.

    Args:
        inputs: what was declared.
        as_of: Unix seconds.
        snapshot: what the chains said.
    """
    return {
        "asOf": format_time(as_of),
        "entity": entity_line(inputs.declaration.entity),
        "network": inputs.declaration.attestation.network,
        "pins": [
            {
                "chain": chain.pin.chain,
                "height": str(chain.pin.height),
                "blockHash": chain.pin.block_hash,
            }
            for chain in snapshot.chains
        ],
    }
