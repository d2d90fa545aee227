"""Ask the verifier's own nodes: is the pinned block theirs, and do the balances read the same?

Only what his nodes say counts. A node that has another block at the height contradicts the pin; one
that does not know the height says nothing. Balances are read again at the pin on EVM chains; on
UTXO chains every recorded coin is looked for among the coins unspent now, or found spent after the
pin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.verdict import Note
from attest.verify import ChainCheck
from chains.blocks import BLOCKS
from chains.errors import ChainError
from chains.rereading import REREADERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attest.pipeline import Work
    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.snapshot import ChainSnapshot
    from config.caip import ChainId


def reread(
    work: Work, sources: Mapping[ChainId, Sequence[Source]], around: Surroundings
) -> tuple[ChainCheck, ...]:
    """Check every chain of a statement for which the verifier has nodes."""
    return tuple(
        _check(plan, snapshot, sources[plan.chain.id], around)
        for plan, snapshot in zip(work.plans, work.case.snapshot.chains, strict=True)
        if sources.get(plan.chain.id)
    )


def _check(
    plan: ChainPlan, snapshot: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> ChainCheck:
    pin = snapshot.pin
    family = plan.chain.family
    said = [BLOCKS[family].hash_at(source, pin.height) for source in sources]
    where = f"{pin.chain} {pin.height}"
    other = next((met for met in said if met not in (None, pin.block_hash)), None)
    if other is not None:
        detail = f"{where}: statement {pin.block_hash}, node {other}"
        return ChainCheck(pin.chain, False, False, (Note("anchor_mismatch", detail),))
    if None in said:
        return ChainCheck(pin.chain, False, False, (Note("anchor_unknown", where),))
    try:
        found = REREADERS[family](plan, snapshot, sources, around)
    except ChainError as fault:
        found = (("not_read_again", fault.what),)
    notes = tuple(Note(code, detail) for code, detail in found)
    return ChainCheck(pin.chain, confirmed=True, read_again=not notes, notes=notes)
