"""pins.json: what an observation is about, for whoever binds something else to the same blocks.

    {"asOf": "2026-11-30T15:00:00Z", "entity": LEI or name, "network": "main",
     "pins": [{"blockHash": "…", "chain": CAIP-2, "height": "…"}]}

`attest observe` writes it beside the evidence. It is no evidence: whoever judges decodes the blocks
from the sources' answers, and compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import shown
from config.times import format_time
from proofs.challenge import entity_line

if TYPE_CHECKING:
    from attest.committed import Committed
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


def is_bound(inputs: Inputs, as_of: int, snapshot: Snapshot) -> bool:
    """Tell whether there is a commitment to liabilities that is bound to a statement."""
    found = inputs.committed
    return found is not None and not loose_ends(found, inputs, as_of, snapshot)


def loose_ends(
    committed: Committed, inputs: Inputs, as_of: int, snapshot: Snapshot
) -> tuple[str, ...]:
    """List what the header does not bind the trees to; nothing if it binds them to the statement.

    Args:
        committed: the commitment.
        inputs: what was declared.
        as_of: Unix seconds the statement is about.
        snapshot: what the chains said.
    """
    commitment = committed.commitment
    header, former = commitment.header, None
    expected = pins_document(inputs, as_of, snapshot)
    found = [
        f"{key}: the header says {shown(str(header.get(key)), 400)}, the statement {value}"
        for key, value in expected.items()
        if header.get(key) != value
    ]
    if not commitment.named:
        found.append("assets: the header does not name the assets of the trees")
    revision, corrected = header.get("revision"), header.get("supersedes")
    if not isinstance(revision, str) or (revision == "1") != (corrected is None):
        said = shown(f"{revision}, superseding {corrected}", 400)
        found.append(f"revision: the header says {said}")
    if inputs.superseded is not None:
        former = inputs.superseded.stated.committed
    if former is not None and former not in {corrected, commitment.digest.hex()}:
        said = shown(str(corrected), 400)
        found.append(f"supersedes: the header says {said}, the superseded statement {former}")
    return tuple(found)
