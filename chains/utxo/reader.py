"""Reading a chain of the Bitcoin family: nodes are scanned, index servers replay histories.

- Nodes alone: one scan each at the tip, held until that is deep (`chains.utxo.scanning`). The
  plan's `as_of` is not aimed at: the pin's time is recorded, and its distance judged elsewhere.
- Index servers alone: a past block, found by its time (`chains.utxo.replaying`).
- Both: the nodes' scan makes the pin, and the servers replay at that block.

Progress is judged by the same functions that `recheck` uses, and evidence holds the final reading
alone, so `recheck(plan, read(...))` sees what was seen here. Every repetition has a named limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import ChainEvidence
from chains.utxo.calls import scripts_of
from chains.utxo.indexers import INDEXERS, index_answers
from chains.utxo.pin import form_of
from chains.utxo.replaying import replay_all
from chains.utxo.scanning import scan_all
from chains.utxo.task import Task
from chains.utxo.voices import hear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ChainPlan, Source, SourceLog, Surroundings


def read(plan: ChainPlan, sources: Sequence[Source], around: Surroundings) -> ChainEvidence:
    """Gather evidence of a plan; it may take as long as the plan's depth takes to grow.

    Args:
        plan: what to read.
        sources: nodes of the Bitcoin Core family that serve `scantxoutset`, and servers that index
            by script, with different names.
        around: pauses and progress.

    Raises:
        ChainError: no pin can be made: a source follows another chain, or too few operators agree
            on a block within the limits.
        InputError: the plan names an address that is not one.
    """
    names = [source.name for source in sources]
    if not names or len(set(names)) != len(names):
        raise ChainError(f"{plan.chain.name}: no source, or two of one name: {names}")
    task = Task(plan, form_of(plan), tuple(scripts_of(plan).values()), around)
    nodes = tuple(source for source in sources if source.protocol not in INDEXERS)
    servers = tuple(source for source in sources if source.protocol in INDEXERS)
    logs: list[SourceLog] = []
    scan = None
    if nodes:
        # With servers beside them, how many must agree is known when all have spoken.
        alone = task if not servers else replace(task, plan=replace(plan, quorum=1))
        scanned = scan_all(alone, nodes)
        logs += scanned.logs
        scan = scanned.scan
    if servers:
        logs += replay_all(task, servers, scan)
    logs.sort(key=lambda log: names.index(log.name))
    if servers:
        hear(plan, task.form, task.scripts, tuple(index_answers(log) for log in logs))
    return ChainEvidence(plan.chain.id, tuple(logs))
