"""What a source gave as the block at a height, and whether it stands for it. Pure.

A block is known by height, hash, parent and time; sources are compared by these. Its state root is
known if the fields of any answer hash to the block's name (`chains.evm.header`): a name has one set
of fields behind it, so who shows them, and how often, plays no part.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.calls import (
    BLOCK_BY_NUMBER,
    STATE_METHODS,
    MalformedAnswer,
    block_by_hash_call,
    block_hash_call,
    by_hash,
    by_number,
    decode_header,
    decode_quantity,
)
from chains.evm.header import state_root_of
from chains.quorum import MALFORMED, NOT_READ, Vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ChainPlan, Exchange
    from chains.evm.calls import Header
    from chains.index import IndexedLog

NO_BLOCK = "no_block"
"""Said for a source that gave no block of the height asked for."""

HEADER_MISMATCH = "header_mismatch"
"""Said for a source whose block has fields that do not hash to its name."""


class UnsettledPin(ChainError):  # noqa: N818 - a state of the sources that may pass
    """The sources do not agree on the pin for now; reading again may help."""


def block_at(log: IndexedLog, height: int) -> Header | None:
    """Give the block a source has at a height, None if its last answer gave none.

    Its state root is there if the fields of any of its answers hash to the block's name.

    Raises:
        UnsettledPin: it gave two different blocks, one after the other.
    """
    headers = _headers(log, height)
    return headers[-1] if headers else None


def _headers(log: IndexedLog, height: int) -> list[Header | None]:
    """Give each answer to a height; raise UnsettledPin if two blocks are among them."""
    headers = [_header(exchange, height) for exchange in log.exchanges(block_hash_call(height))]
    found = [header for header in headers if header is not None]
    if any(_bare(header) != _bare(found[0]) for header in found):
        raise UnsettledPin(
            f"block {height} of source {log.name} changed during the reading: "
            f"{found[0].block_hash}, then {found[-1].block_hash}"
        )
    root = _first_root(found)
    return [None if header is None else replace(header, state_root=root) for header in headers]


def asked_heights(log: IndexedLog) -> tuple[int, ...]:
    """List the heights whose block a source was asked for."""
    heights = []
    for (method, _), places in log.places.items():
        params = log.log.entries[places[0]].call.params
        if method == BLOCK_BY_NUMBER and params:
            try:
                heights.append(decode_quantity(params[0]))
            except MalformedAnswer:
                continue  # A tag, not a height.
    return tuple(heights)


def gave_block(plan: ChainPlan, log: IndexedLog, header: Header) -> bool:
    """Tell whether a source ever gave the pin's block, sealed where that is due.

    Raises:
        UnsettledPin: it gave two different blocks, one after the other.
    """
    found = (block for block in _headers(log, header.height) if block is not None)
    return any(_is_sealed(plan, block) and _bare(block) == _bare(header) for block in found)


def block_vote(plan: ChainPlan, log: IndexedLog, height: int) -> Vote[Header]:
    """Give a source's vote on the block at a height: by number, by hash, and after its state.

    Raises:
        UnsettledPin: it gave two different blocks, one after the other.
    """
    operator = log.log.operator
    block = block_at(log, height)
    if block is None:
        return Vote(log.name, operator, None, NO_BLOCK)
    if not _is_sealed(plan, block):
        return Vote(log.name, operator, None, HEADER_MISMATCH)
    named = log.vote(block_by_hash_call(block.block_hash), decode_header, _said)
    if named.value != _bare(block):
        # It moved on between the two questions, or its word on blocks is worthless.
        said = MALFORMED if named.value is not None else named.said
        return Vote(log.name, operator, None, said)
    if log.last_place(block_hash_call(height)) < _last_state(log, block):
        return Vote(log.name, operator, None, NOT_READ)
    return Vote(log.name, operator, _bare(block), block.block_hash)


def root_of(height: int, logs: Sequence[IndexedLog]) -> str | None:
    """Give the state root of a block on which sources agree, if one of them shows its fields."""
    blocks = [block_at(log, height) for log in logs]
    return _first_root([block for block in blocks if block is not None])


def _first_root(headers: list[Header]) -> str | None:
    roots = (header.state_root for header in headers)
    return next((root for root in roots if root is not None), None)


def _is_sealed(plan: ChainPlan, block: Header) -> bool:
    """Tell whether a block's fields hash to its name, on chains where they must."""
    return block.state_root is not None or plan.chain.state_trie != "ethereum"


def _bare(header: Header) -> Header:
    """Give what sources are compared by."""
    return replace(header, state_root=None)


def _last_state(log: IndexedLog, header: Header) -> int:
    """Give the place of the last answer from a block's state, -1 if there is none."""
    named = (by_hash(header.block_hash), by_number(header.height))
    entries = log.log.entries
    for at in range(len(entries) - 1, -1, -1):
        call = entries[at].call
        if call.method in STATE_METHODS and call.params and call.params[-1] in named:
            return at
    return -1


def _header(exchange: Exchange, height: int) -> Header | None:
    try:
        header = decode_header(exchange.result) if exchange.error is None else None
    except MalformedAnswer:
        return None
    if header is None or header.height != height:
        return None
    return replace(header, state_root=state_root_of(exchange.result))


def _said(header: Header) -> str:
    return header.block_hash
