"""What tokens moved between the accounts of a plan and addresses of others, in its window. Pure.

    window's first block | the blocks of the run ... | window's last block, or the pin without one

1. How transfers are looked for is said in `chains.evm.transfer_search`. What one source says is all
   of it or nothing.
2. It is silent too if it does not give the run's last block once more after its logs: that block
   stands for all blocks below it. Logs of one height that name two blocks, or at the last height
   another than that one, are no answer.
3. Sources agree on the sums of a token by the rule of balances.

What is not seen: native coin, for which there are no logs; tokens that move without their event.
That a log's block is the one of its height is the sources' word, and so is that there were none: a
node that has lost its logs is believed if it stands alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chains.evm.calls import block_hash_call
from chains.evm.edges import parted
from chains.evm.transfer_search import found_transfers, say
from chains.evm.transfers import LOGS_METHOD
from chains.evm.witness import UnsettledPin, block_at
from chains.index import index_log
from chains.quorum import MALFORMED, NOT_READ, Agreement, Vote, agree
from chains.snapshot import CounterpartyFlow
from config.caip import account_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import ChainPlan, SourceLog
    from chains.evm.calls import Header
    from chains.evm.transfer_search import Search
    from chains.evm.transfers import Logged
    from chains.index import IndexedLog
    from config.caip import AssetId

Moved: TypeAlias = "Counter[tuple[AssetId, str, str, bool]]"
"""Base units by token, address of the account, address of others, and whether they came in."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What the sources agree on."""

    known: frozenset[AssetId] = frozenset()
    """Tokens of which every transfer of the run is known."""
    flows: tuple[CounterpartyFlow, ...] = ()
    silent: tuple[str, ...] = ()
    """Each source that does not speak, and why, as text."""


def agree_on_flows(plan: ChainPlan, search: Search, logs: Iterable[SourceLog]) -> Flows:
    """Give the flows on which enough sources agree, token by token.

    Args:
        plan: gives the quorum.
        search: what was looked for.
        logs: of the sources that stand for the pin, in declaration order.
    """
    told = tuple((log, _moved(search, log)) for log in logs)
    known: set[AssetId] = set()
    found: list[CounterpartyFlow] = []
    for asset in search.contracts.values():
        result = agree([_vote(log, moved, asset) for log, moved in told], plan.quorum)
        if isinstance(result, Agreement):
            known.add(asset)
            found += (_flow(plan, asset, *one) for one in result.value)
    found.sort(key=lambda one: (one.account, one.asset, one.other))
    silent = (f"{log.name} says {moved}" for log, moved in told if isinstance(moved, str))
    return Flows(frozenset(known), tuple(found), tuple(silent))


def _moved(search: Search, log: SourceLog) -> Moved | str:
    """Add up what one source says, or say why it says nothing."""
    if log.name not in search.voices:
        return NOT_READ
    if search.low > search.last.height:
        return Counter()
    part = index_log(parted(log)[1])
    logged = found_transfers(search, lambda call, decode: part.vote(call, decode, say))
    if isinstance(logged, str):
        return logged
    blocks = {(one.height, one.block_hash) for one in logged}
    blocks.add((search.last.height, search.last.block_hash))
    if len({height for height, _ in blocks}) < len(blocks):
        return MALFORMED
    return _closing(part, search.last) or _sums(search, logged)


def _closing(part: IndexedLog, last: Header) -> str | None:
    """Say why a source's logs are not known to be of the chain of the run's last block."""
    try:
        block = block_at(part, last.height)
    except UnsettledPin:
        return MALFORMED
    asked = [at[-1] for (method, _), at in part.places.items() if method == LOGS_METHOD]
    if block is None or part.last_place(block_hash_call(last.height)) < max(asked):
        return NOT_READ
    return None if block.block_hash == last.block_hash else MALFORMED


def _sums(search: Search, logged: Iterable[Logged]) -> Moved:
    found: Moved = Counter()
    for one in logged:
        asset = search.contracts[one.contract]
        for own, other, came in (
            (one.sender, one.recipient, False),
            (one.recipient, one.sender, True),
        ):
            address, assets = search.accounts.get(own, ("", frozenset()))
            if one.units and asset in assets and other in search.others:
                found[asset, address, search.others[other], came] += one.units
    return found


def _vote(
    log: SourceLog, moved: Moved | str, asset: AssetId
) -> Vote[tuple[tuple[str, str, int, int], ...]]:
    """Give what a source says of one token: account, address of others, sent and received."""
    if isinstance(moved, str):
        return Vote(log.name, log.operator, None, moved)
    pairs = sorted({(address, other) for token, address, other, _ in moved if token == asset})
    value = tuple((*pair, moved[asset, *pair, False], moved[asset, *pair, True]) for pair in pairs)
    return Vote(log.name, log.operator, value, str(len(value)))


def _flow(
    plan: ChainPlan, asset: AssetId, address: str, other: str, sent: int, received: int
) -> CounterpartyFlow:
    chain = plan.chain.id
    return CounterpartyFlow(
        account_id(chain, address), asset, account_id(chain, other), sent, received
    )
