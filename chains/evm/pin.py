"""The pin of an EVM chain: which block everything is read at, found in what sources said. Pure.

1. Every source must be on the plan's chain (`eth_chainId`).
2. A source's last final block is the one it tags `finalized`, or one at the depth that is asked of
   a chain without the tag (`chains.evm.tip`). The lowest of them is final for all.
3. Without `as_of` the pin is at that height. With it, the pin is the highest recorded block that is
   final for all and not later than `as_of`; the block after it, if final, must be recorded and be
   its child. It is then later than `as_of`, or it would be the pin itself.
4. Every source that knows the block must give the same one, by number and again by its hash, and by
   number once more after its last state answer. Enough different operators must do so.

Sources that differ are `UnsettledPin`: nodes behind one another or a reorganisation pass, so the
reader reads again. In recorded evidence the same fault is final.

5. On chains that are known to hash their blocks as Ethereum does, the block's fields must hash to
   its name. On others, a block has a state root to prove balances against if the fields that any
   source gives of it do; sources that show other fields of the same block do not differ by that.

A window is read after that last look, and nothing that is said in it is heard here
(`chains.evm.edges`).

That a block of this name is on the chain is what several operators, or a verifier's own node, stand
for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.calls import NONCE_METHOD
from chains.evm.tip import final_height, tip_of
from chains.evm.witness import UnsettledPin, asked_heights, block_at, block_vote, root_of
from chains.index import index_log
from chains.quorum import Agreement, agree
from chains.snapshot import Pin

if TYPE_CHECKING:
    from chains.evidence import ChainEvidence, ChainPlan, SourceLog
    from chains.evm.calls import Header
    from chains.index import IndexedLog


@dataclass(frozen=True, slots=True)
class Settled:
    """A pin and who stands for it."""

    pin: Pin
    header: Header
    voices: tuple[str, ...]
    """Names of the sources that gave this block before and after their state."""
    logs: tuple[IndexedLog, ...]
    """All sources, in declaration order, each up to where its window begins."""
    final: int
    """Height up to which every source that spoke is final."""


def settle_pin(plan: ChainPlan, evidence: ChainEvidence) -> Settled:
    """Find the pin in what was recorded.

    Raises:
        UnsettledPin: the sources differ, or a block moved while it was read.
        ChainError: no pin can be made of it.
    """
    logs = [index_log(before_window(log)) for log in evidence.logs]
    if evidence.chain != plan.chain.id:
        raise ChainError(f"evidence is of {evidence.chain}, {plan.chain.id} is planned")
    if plan.window is not None and plan.window[0] > plan.window[1]:
        first, last = plan.window
        raise ChainError(f"{plan.chain.id}: window begins at {first} and ends at {last}")
    if len({log.name for log in logs}) != len(logs):
        raise ChainError(f"two sources of {plan.chain.id} have one name")
    tips = {log.name: tip for log in logs if (tip := tip_of(plan, log)) is not None}
    speaking = [log for log in logs if log.name in tips]
    final = final_height(plan, tuple(tips.values()))
    height = final if plan.as_of is None else _height_at(plan, plan.as_of, final, speaking)
    agreement = _agree_on_block(plan, height, speaking)
    witnesses = [log for log in speaking if log.name in agreement.sources]
    header = replace(agreement.value, state_root=root_of(height, witnesses))
    if plan.as_of is not None and height < final:
        _check_successor(header, witnesses)
    depth = min(tip.latest for tip in tips.values()) - height + 1
    pin = Pin(plan.chain.id, height, header.block_hash, header.time, depth, header.state_root)
    return Settled(pin, header, agreement.sources, tuple(logs), final)


def before_window(log: SourceLog) -> SourceLog:
    """Give the part of a log that makes the pin."""
    entries = log.entries
    begins = (at for at, entry in enumerate(entries) if entry.call.method == NONCE_METHOD)
    end = next(begins, None)
    return log if end is None else replace(log, entries=entries[:end])


def _height_at(plan: ChainPlan, as_of: int, final: int, logs: list[IndexedLog]) -> int:
    """Find the highest recorded final block that is not later than `as_of`."""
    asked = {height for log in logs for height in asked_heights(log) if height <= final}
    for height in sorted(asked, reverse=True):
        blocks = [block_at(log, height) for log in logs]
        if any(block is not None and block.time <= as_of for block in blocks):
            return height
    raise ChainError(f"no block of {plan.chain.id} is recorded at or before {as_of} (unix seconds)")


def _agree_on_block(plan: ChainPlan, height: int, logs: list[IndexedLog]) -> Agreement[Header]:
    votes = tuple(block_vote(plan, log, height) for log in logs)
    result = agree(votes, plan.quorum)
    if isinstance(result, Agreement):
        return result
    said = ", ".join(f"{vote.source} says {vote.said}" for vote in votes)
    if result in {"sources_disagree", "malformed_answer"}:
        raise UnsettledPin(f"no agreement on block {height} of {plan.chain.id}: {said}")
    raise ChainError(
        f"too few sources stand for block {height} of {plan.chain.id}: "
        f"{plan.quorum} operators are asked, {said}"
    )


def _check_successor(header: Header, logs: list[IndexedLog]) -> None:
    """Refuse a pin below the last final block if the block after it was not recorded.

    A recorded one is later than `as_of`: were it not, it would have been found as the pin.
    """
    height = header.height + 1
    for log in logs:
        after = block_at(log, height)
        if after is None or after.parent_hash != header.block_hash:
            raise UnsettledPin(f"source {log.name} gives no block {height} after the pin")
