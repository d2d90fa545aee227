"""Agreement on the pin, and what nodes of the Bitcoin Core family say of it. Pure.

1. Every source must follow the chain of the plan; another genesis or fork block is an error at
   once.
2. A node speaks by one scan that was asked for exactly the plan's scripts, or by where it stands if
   there are none (`chains.utxo.standing`), and by the header of that block with the depth that the
   plan asks for. Without both it is silent; with one that contradicts itself it disagrees.
3. The speaking sources must name one block, and be of enough operators. Else there is no pin.

Depth is asked of the pin and never filters coins: an output in the pinned block counts. How index
servers speak is in `chains.utxo.voices`, which puts both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.quorum import MALFORMED, NOT_READ, Agreement, Vote, agree
from chains.utxo.answers import Scan, read_hash, read_header, read_scan
from chains.utxo.calls import header_call, identity_calls, scan_call
from chains.utxo.standing import standing_vote

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.index import IndexedLog
    from chains.utxo.answers import Header
    from config.registry import UtxoFormat


MAX_SCRIPTS = 400_000
"""A request of more would pass the 32 MiB that Bitcoin Core reads (src/serialize.h, MAX_SIZE)."""


class UnsettledPin(ChainError):  # noqa: N818 - a state of the sources that may pass
    """The sources differ about the pin for now; reading again may help."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A node that speaks for the pin, and its scan."""

    log: IndexedLog
    scan: Scan


def form_of(plan: ChainPlan) -> UtxoFormat:
    """Give the chain's formats; raise ChainError if the plan cannot be read at all."""
    name = plan.chain.name
    if plan.chain.utxo is None:
        raise ChainError(f"{name} is a chain of family {plan.chain.family!r}, not 'utxo'")
    addresses = {account.address for account in plan.accounts}
    if not (addresses or plan.questions) or len(addresses) != len(plan.accounts):
        raise ChainError(f"{name}: nothing to read, or an address twice")
    addresses |= {one.address for one in plan.margin}
    if len(addresses) > MAX_SCRIPTS:
        raise ChainError(f"{name}: {len(addresses)} addresses, one scan takes {MAX_SCRIPTS}")
    if plan.quorum < 1 or plan.confirmations < 1:
        given = f"quorum is {plan.quorum} and depth {plan.confirmations}"
        raise ChainError(f"{name}: {given}, both must be 1 or more")
    if plan.window is not None and plan.window[0] > plan.window[1]:
        raise ChainError(f"{name}: window begins at {plan.window[0]} and ends at {plan.window[1]}")
    return plan.chain.utxo


def scan_vote(
    plan: ChainPlan, form: UtxoFormat, log: IndexedLog, scripts: tuple[str, ...]
) -> Vote[Scan]:
    """Give a node's scan; of a plan that reads no script, the block at which it stands.

    Args:
        plan: gives depth and moment where nothing is scanned.
        form: gives the blocks that show the chain.
        log: what the node answered.
        scripts: all output scripts of the plan in hex, in its order.

    Raises:
        ChainError: the node follows another chain.
    """
    operator = log.log.operator
    for call, expected in identity_calls(form):
        vote = log.vote(call, read_hash, str)
        if vote.value is None:
            return Vote(log.name, operator, None, vote.said)
        if vote.value != expected:
            met = f"block {call.params[0]} is {vote.value}, must be {expected}"
            raise ChainError(f"source {log.name} follows another chain: {met}")
    if not scripts:
        return standing_vote(plan, log)
    # Compared as it is: so long a question is not written out once more only to be looked up.
    call = scan_call(scripts)
    scans = [one for one in log.log.exchanges if one.call == call]
    if len(scans) != 1:
        return Vote(log.name, operator, None, MALFORMED if scans else NOT_READ)
    if scans[0].error is not None:
        return Vote(log.name, operator, None, scans[0].error)
    try:
        scan = read_scan(scans[0].result, frozenset(scripts))
    except ValueError:
        return Vote(log.name, operator, None, MALFORMED)
    return Vote(log.name, operator, scan, scan.block_hash)


def header_vote(plan: ChainPlan, log: IndexedLog, scan: Vote[Scan]) -> Vote[Header]:
    """Give the header that a node gave for its scan's block, if it is deep enough."""
    if scan.value is None:
        return Vote(scan.source, scan.operator, None, scan.said)
    block_hash = scan.value.block_hash
    call = header_call(block_hash)
    vote = log.vote(call, lambda result: read_header(result, block_hash), str)
    if vote.value is None:
        return vote
    if vote.value.height != scan.value.height or len(log.exchanges(call)) > 1:
        return Vote(scan.source, scan.operator, None, MALFORMED)
    if vote.value.confirmations < plan.confirmations:
        said = f"depth {vote.value.confirmations}, {plan.confirmations} are needed"
        return Vote(scan.source, scan.operator, None, said)
    return vote


def require_agreement(plan: ChainPlan, votes: tuple[Vote[str], ...]) -> Agreement[str]:
    """Give what enough operators agree on.

    Raises:
        UnsettledPin: the sources differ; the message says what each of them said.
        ChainError: too few of them said anything; likewise.
    """
    agreement = agree(votes, plan.quorum)
    if isinstance(agreement, Agreement):
        return agreement
    said = ", ".join(f"{vote.source} ({vote.operator}) says {vote.said}" for vote in votes)
    fault = UnsettledPin if agreement == "sources_disagree" else ChainError
    raise fault(
        f"{plan.chain.name} has no pin, {agreement}: {said}; operators needed: {plan.quorum}",
        "each node must serve scantxoutset (Bitcoin Core family), each index server must be whole, "
        "and all must be in step",
    )
