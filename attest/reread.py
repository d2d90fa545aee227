"""Ask the verifier's own nodes: is the pinned block theirs, and do the balances read the same?

Only what his nodes say counts. A node that has another block at the height contradicts the pin; one
that does not know the height says nothing. Balances are read again at the pin on EVM chains; on
UTXO chains every recorded coin is looked for among the coins unspent now, or found spent after the
pin.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.anchors import ChainCheck
from attest.differences import facts
from attest.verdict import Note
from chains.blocks import BLOCKS
from chains.rereading import REREADERS
from config.errors import AttestError
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attest.pipeline import Work
    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.snapshot import ChainSnapshot, Pin
    from config.caip import ChainId
    from config.registry import Registry


def reread(
    work: Work,
    registry: Registry,
    sources: Mapping[ChainId, Sequence[Source]],
    around: Surroundings,
) -> tuple[ChainCheck, ...]:
    """Check every chain of a statement for which the verifier has nodes.

    Args:
        work: the signer's work, made again from the bundle.
        registry: the verifier's own, which names the chains of his nodes.
        sources: his nodes.
        around: waiting and progress.
    """
    return tuple(
        _check(_by_own_rows(plan, registry), snapshot, sources[plan.chain.id], around)
        for plan, snapshot in zip(work.plans, work.case.snapshot.chains, strict=True)
        if sources.get(plan.chain.id)
    )


def _by_own_rows(plan: ChainPlan, registry: Registry) -> ChainPlan:
    """Give a plan with the verifier's rows; a token whose row he does not share is not proved."""
    own = {slot.asset: facts(slot) for slot in registry.slots}
    shared = tuple(slot for slot in plan.slots if own.get(slot.asset) == facts(slot))
    return replace(plan, chain=registry.chain(plan.chain.id), slots=shared)


def _check(
    plan: ChainPlan, snapshot: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> ChainCheck:
    pin = snapshot.pin
    family = plan.chain.family
    said = [BLOCKS[family].block_at(source, pin.height) for source in sources]
    where = f"{pin.chain} {pin.height}"
    other = next((met for met in said if met is not None and _contradicts(met, pin)), None)
    if other is not None:
        stated = _shown((pin.block_hash, pin.block_time))
        detail = f"{where}: statement {stated}, node {_shown(other)}"
        return ChainCheck(pin.chain, False, False, (Note("anchor_mismatch", detail),))
    if any(met is None or met[1] is None for met in said):
        return ChainCheck(pin.chain, False, False, (Note("anchor_unknown", where),))
    try:
        found = REREADERS[family](plan, snapshot, sources, around)
    except AttestError as fault:
        found = (("not_read_again", fault.what),)
    # Several nodes of his may say the same.
    notes = tuple(dict.fromkeys(Note(code, detail) for code, detail in found))
    return ChainCheck(pin.chain, confirmed=True, read_again=not notes, notes=notes)


def _contradicts(met: tuple[str, int | None], pin: Pin) -> bool:
    """Tell whether a node has another block at the pin's height, or gives it another time."""
    return met[0] != pin.block_hash or met[1] not in (None, pin.block_time)


def _shown(block: tuple[str, int | None]) -> str:
    return f"{block[0]} of {'unknown time' if block[1] is None else format_time(block[1])}"
