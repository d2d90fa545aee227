"""Looking for the transfers between the accounts of a plan and others: where, and how it is cut.

1. The smaller side, accounts or others, is asked for in lists of MAX_TOPICS; the larger one too if
   it fits into one list, and else whoever it is, and what does not concern the plan is left aside
   afterwards. So a declaration of 300,000 accounts asks for a few hundred addresses of others.
2. Blocks are asked for in pieces of MAX_BLOCKS. A node that refuses a piece gets half of it, and no
   longer pieces after that, down to one block. Providers differ a thousandfold in what they allow.
3. A piece that is refused for good, or an answer that is none (`chains.evm.transfers`), ends it:
   there is all or nothing.

Who asks and who checks go the same way through a source's answers, so that a piece that was refused
is followed by the same halves for both. Cutting by a provider's own words was refused: each has
others, and they change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from chains.evidence import SourceLog
from chains.evm.calls import block_hash_call
from chains.evm.state import readable_assets
from chains.evm.transfers import Filter, decode_transfers, topic_of, transfers_call
from chains.index import index_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chains.evidence import Call, ChainPlan, Json
    from chains.evm.calls import Header
    from chains.evm.edges import Edge
    from chains.evm.transfers import Logged
    from chains.quorum import Vote
    from chains.recording import Recorder
    from config.caip import AssetId

MAX_TOPICS = 500
"""Addresses in one list; go-ethereum takes 1,000 (`maxSubTopics`)."""

MAX_BLOCKS = 10_000
"""Blocks in one piece at first, as many as the larger providers take; a day of Ethereum is less."""

MAX_QUESTIONS = 20_000
"""Pieces asked of one source."""

MAX_WORDS = 1_000_000
"""Words in all questions to one source; a recording holds 70 characters for each."""

MAX_TRANSFERS = 100_000
"""Logs that one source may give; a recording holds 700 characters for each."""

REFUSALS = frozenset({"rpc_error", "too_large"})
"""What is said to a piece that is too long for a node, or for us; another word is not about it."""

TOO_LARGE = "too_large"

Decode: TypeAlias = "Callable[[Json], tuple[Logged, ...]]"

Tell: TypeAlias = "Callable[[Call, Decode], Vote[tuple[Logged, ...]]]"
"""Gives what a source says to a question: by asking it, or out of its log."""


@dataclass(frozen=True, slots=True)
class Search:
    """Whose transfers are looked for, and where."""

    contracts: Mapping[str, AssetId]
    """The tokens by their contract in lower case."""
    accounts: Mapping[str, tuple[str, frozenset[AssetId]]]
    """By topic, each account that has tokens in the plan: its address, and which."""
    others: Mapping[str, str]
    """Addresses by topic."""
    low: int
    """First block of the run."""
    last: Header
    """Its last block; below `low` if there is no block in it."""
    voices: frozenset[str]
    """Names of the sources that gave the last block, and with it all blocks before it."""


def search_of(plan: ChainPlan, before: Edge | None, end: Edge | None) -> Search | None:
    """Say what to look for in the blocks after one, up to another.

    Returns:
        None if one of them is not known, or there is nothing to look for.
    """
    readable = readable_assets(plan)
    tokens = {asset: one.lower() for asset, one in readable.items() if one is not None}
    if before is None or end is None or not plan.others or not tokens:
        return None
    held = ((one.address, frozenset(one.assets) & tokens.keys()) for one in plan.accounts)
    return Search(
        {contract: asset for asset, contract in tokens.items()},
        {topic_of(address): (address, assets) for address, assets in held if assets},
        {topic_of(address): address for address in plan.others},
        before.header.height + 1,
        end.header,
        frozenset(end.voices),
    )


def ask_flows(search: Search, recorder: Recorder) -> None:
    """Ask a source for all transfers that are looked for, then for the run's last block."""

    def tell(call: Call, decode: Decode) -> Vote[tuple[Logged, ...]]:
        answered = SourceLog(recorder.name, recorder.operator, recorder.ask([call]))
        return index_log(answered).vote(call, decode, say)

    if search.low <= search.last.height and not isinstance(found_transfers(search, tell), str):
        recorder.ask([block_hash_call(search.last.height)])


def _filters(search: Search) -> Iterator[Filter]:
    """Give the filters that find every transfer between an account and others, each way once."""
    contracts = tuple(search.contracts)
    sides = (tuple(search.accounts), tuple(search.others))
    few, many = sorted(sides, key=len)
    whole = many if len(many) <= MAX_TOPICS else None
    for at in range(0, len(few), MAX_TOPICS):
        yield Filter(contracts, few[at : at + MAX_TOPICS], whole)
        yield Filter(contracts, whole, few[at : at + MAX_TOPICS])


def found_transfers(search: Search, tell: Tell) -> tuple[Logged, ...] | str:
    """Go through a source's answers; give them all, or what it said to the one that is missing."""
    found: list[Logged] = []
    size, asked, words = MAX_BLOCKS, 0, 0
    for wanted in _filters(search):
        start = search.low
        while start <= search.last.height:
            end = min(start + size - 1, search.last.height)
            asked, words = asked + 1, words + wanted.words
            if asked > MAX_QUESTIONS or words > MAX_WORDS:
                return TOO_LARGE
            decode = partial(decode_transfers, wanted=wanted, low=start, high=end)
            vote = tell(transfers_call(wanted, start, end), decode)
            if vote.value is not None:
                found += vote.value
                start = end + 1
            elif vote.said in REFUSALS and start < end:
                size = (end - start + 1) // 2
            else:
                return vote.said
            if len(found) > MAX_TRANSFERS:
                return TOO_LARGE
    return tuple(found)


def say(logged: tuple[Logged, ...]) -> str:
    """Write an answer for people: how many transfers it has."""
    return str(len(logged))
