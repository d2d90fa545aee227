"""Where sources of an EVM chain say it ends, and up to which block all are final. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.calls import chain_id_call, decode_header, decode_quantity, tip_call

if TYPE_CHECKING:
    from chains.evidence import Call, ChainPlan
    from chains.index import IndexedLog


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a source says its chain ends."""

    latest: int
    """Height of its last block."""
    final: int
    """Height of its last final block; negative while the chain is shorter than the depth asked."""


def tip_calls() -> tuple[Call, ...]:
    """Give the calls a reading opens with, for every source."""
    return chain_id_call(), tip_call("latest"), tip_call("finalized")


def tip_of(plan: ChainPlan, log: IndexedLog) -> Tip | None:
    """Read where a source's chain ends; None if it did not say.

    Where the `finalized` tag is served it is the chain's own word on finality, and replaces the
    registry's depth; a declaration that asks for more depth than the registry gets it as well. On
    a development chain the tag is not asked for its word: its first 64 blocks are never final.

    Raises:
        ChainError: the source is on another chain.
    """
    chain_id = log.vote(chain_id_call(), decode_quantity, str)
    if chain_id.value is None:
        return None
    if f"eip155:{chain_id.value}" != plan.chain.id:
        raise ChainError(
            f"source {log.name} is on another chain: it says eip155:{chain_id.value}, "
            f"{plan.chain.id} is declared",
            "correct the endpoint or the chain of this source in the declaration",
        )
    latest = log.vote(tip_call("latest"), decode_header, str).value
    finalized = log.vote(tip_call("finalized"), decode_header, str).value
    if latest is None or (finalized is None and not _lacks_tag(log)):
        return None
    final = latest.height - plan.confirmations + 1
    if finalized is not None and plan.chain.finality == "tag":
        deeper = plan.confirmations > plan.chain.confirmations
        final = min(finalized.height, final if deeper else latest.height)
    return Tip(latest.height, final)


def final_height(plan: ChainPlan, tips: tuple[Tip, ...]) -> int:
    """Give the height up to which every source that answered is final.

    Raises:
        ChainError: nobody answered, or no block is deep enough.
    """
    if not tips:
        raise ChainError(f"no source of {plan.chain.id} answered", "check the endpoints")
    height = min(tip.final for tip in tips)
    if height < 0:
        blocks = min(tip.latest for tip in tips) + 1
        raise ChainError(
            f"no block of {plan.chain.id} is final: {plan.confirmations} deep is asked, "
            f"the chain has {blocks} blocks"
        )
    return height


def _lacks_tag(log: IndexedLog) -> bool:
    """Tell whether a node said that it does not serve the `finalized` tag, or has no such block."""
    exchanges = log.exchanges(tip_call("finalized"))
    return bool(exchanges) and all(
        item.error == "rpc_error" or (item.error is None and item.result is None)
        for item in exchanges
    )
