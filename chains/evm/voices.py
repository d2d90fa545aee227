"""What each source of an EVM chain says at a block: its votes on balances, nonces and code. Pure.

The block is the pin, or one of a window. A source's state answers count if it gave the block. Those
read by hash stand by themselves, since the block is in the question. Those read by number count
only if the source gave the same block once more after them. Balances and nonces count only behind a
control call in the same sweep that the source answered from the block's state, or refused as a call
it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import Column
from chains.evm.calls import (
    MalformedAnswer,
    State,
    by_hash,
    by_number,
    control_call,
    decode_code,
    decode_nonce,
    decode_quantity,
    decode_state,
    decode_word,
)
from chains.evm.holdings import told_of
from chains.evm.state import holding_template, nonce_template, tells_state
from chains.evm.witness import gave_block
from chains.index import question_key
from chains.quorum import NOT_READ, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chains.evidence import Call, ChainPlan, Exchange, Json
    from chains.evm.calls import Block, Header
    from chains.evm.holdings import Holdings
    from chains.index import IndexedLog, T
    from chains.snapshot import RemarkCode
    from config.caip import AssetId

NO_CODE = "no_code"
"""Said of a token contract that has no code at the pin."""

WRONG_STATE = "wrong_state"
"""Said for a source that answered from another block than the one it was asked for."""

_Judged: TypeAlias = "tuple[Column, str | None, RemarkCode | None]"
"""A column, why its results count for nothing, and what is remarked of it."""

UNTOLD = "rpc_error"
"""The error of a node that does not run a call without recipient."""


class Stand(Protocol):
    """A block that state is read at: the pin, or one around it."""

    @property
    def header(self) -> Header:
        """The block."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the sources that gave it before and after their state."""

    @property
    def logs(self) -> tuple[IndexedLog, ...]:
        """All sources that may speak, in declaration order."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A source's log, and the ways of naming the block that count in it."""

    log: IndexedLog
    blocks: tuple[Block, ...]
    """Empty if the source never gave the block: then nothing of it counts."""
    holdings: Mapping[AssetId, Holdings]
    """What it told of balances, by asset and subject."""
    nonces: Holdings
    """What it told of nonces, by address; they are asked for if there is a window."""
    remarks: tuple[RemarkCode, ...] = ()
    """One for each sweep that did not show the block's state."""

    def vote(
        self,
        call_at: Callable[[Block], Call | None],
        decode: Callable[[Json], T],
        say: Callable[[T], str],
    ) -> Vote[T]:
        """Give the source's vote on a state call at the block."""
        for block in self.blocks:
            call = call_at(block)
            vote = None if call is None else self.log.vote(call, decode, say)
            if vote is not None and vote.said != NOT_READ:
                return vote
        return Vote(self.log.name, self.log.log.operator, None, NOT_READ)

    def balance(self, asset: AssetId, subject: str) -> Vote[int]:
        """Give the source's vote on a balance."""
        return self._told(self.holdings.get(asset, {}), subject)

    def nonce(self, address: str) -> Vote[int]:
        """Give the source's vote on a nonce."""
        return self._told(self.nonces, address)

    def _told(self, holdings: Holdings, subject: str) -> Vote[int]:
        told = holdings.get(subject, NOT_READ)
        value = told if isinstance(told, int) else None
        return Vote(self.log.name, self.log.log.operator, value, str(told))


def voice_of(
    plan: ChainPlan, log: IndexedLog, stand: Stand, readable: Mapping[AssetId, str | None]
) -> Voice:
    """Give what a source says at a block; if it never gave the block it says nothing."""
    header = stand.header
    if not gave_block(plan, log, header):
        return Voice(log, (), {}, {})
    blocks = [by_hash(header.block_hash)]
    if log.name in stand.voices:
        blocks.append(by_number(header.height))
    holdings: dict[AssetId, Holdings] = {}
    judged = _judged(plan, log, nonce_template, blocks, header)
    nonces, remarks = _told(judged, decode_nonce)
    for asset, contract in readable.items():
        judged = _judged(plan, log, partial(holding_template, contract), blocks, header)
        decode = decode_quantity if contract is None else decode_word
        holdings[asset], remarked = _told(judged, decode)
        remarks += remarked
    return Voice(log, tuple(blocks), holdings, nonces, tuple(remarks))


def _told(
    judged: list[_Judged], decode: Callable[[Json], int]
) -> tuple[Holdings, list[RemarkCode]]:
    """Give what is told in some columns, and what is remarked of them."""
    told = told_of([(column, fault) for column, fault, _ in judged], decode)
    return told, [remark for _, _, remark in judged if remark is not None]


def _judged(
    plan: ChainPlan,
    log: IndexedLog,
    template_at: Callable[[Block], Call],
    blocks: list[Block],
    header: Header,
) -> list[_Judged]:
    """Give the columns of a question, each with what its lead makes of it."""
    return [
        (column, *_judge(plan, column.lead, block, header))
        for block in blocks
        for column in _columns(log, template_at(block))
    ]


def _columns(log: IndexedLog, template: Call) -> Iterator[Column]:
    for place in log.columns.get(question_key(template), ()):
        entry = log.log.entries[place]
        if isinstance(entry, Column):
            yield entry


def _judge(
    plan: ChainPlan, lead: tuple[Exchange, ...], block: Block, header: Header
) -> tuple[str | None, RemarkCode | None]:
    """Give why the results behind a lead count for nothing, and what is remarked of the sweep."""
    asked = (control_call(block),) if tells_state(plan) else ()
    if tuple(exchange.call for exchange in lead) != asked:
        return WRONG_STATE, "wrong_state"
    if not lead:
        return None, "state_not_told"
    error = lead[0].error
    if error is not None:
        return (None if error == UNTOLD else error), "state_not_told"
    number = int(plan.chain.id.removeprefix("eip155:"))
    expected = State(header.height, header.parent_hash, number, header.time)
    try:
        if decode_state(lead[0].result) == expected:
            return None, None
    except MalformedAnswer:
        pass  # What is not a state is not the pin's.
    return WRONG_STATE, "wrong_state"


def code_votes(
    voices: tuple[Voice, ...], call_at: Callable[[Block], Call | None]
) -> list[Vote[str]]:
    """Give each source's vote on code."""
    return [voice.vote(call_at, decode_code, say_code) for voice in voices]


def say_code(code: str) -> str:
    """Name code by its hash, as the chain does: code itself is too long for a message."""
    return NO_CODE if code == "0x" else f"0x{keccak256(bytes.fromhex(code[2:])).hex()}"
