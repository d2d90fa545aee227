"""From recorded answers to balances: pure, the same for a run and for its later verification.

Nothing in evidence is believed to be what it seems: the chain, the pin, the block in each state
call and the form of each result are checked again here. The reader's word counts for nothing.

A source's state answers count if it gave the pin's block. Those read by hash stand by themselves,
since the block is in the question. Those read by number count only if the source gave the same
block once more after them. What the plan asks and no source recorded is `not_read`, and never zero;
so is an asset this module does not know. A token without code at the pin has no balances either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pycryptodome import keccak256

from chains.evm.calls import (
    by_hash,
    by_number,
    code_call,
    decode_code,
    decode_quantity,
    decode_word,
)
from chains.evm.pin import block_at, settle_pin
from chains.evm.state import holding_call, question_call, readable_assets
from chains.quorum import NOT_READ, Agreement, Vote, agree
from chains.snapshot import Answer, Balance, ChainSnapshot, FailedRead
from config.caip import account_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Call, ChainEvidence, ChainPlan, Json
    from chains.evm.calls import Block
    from chains.evm.pin import Settled
    from chains.index import IndexedLog, T
    from chains.snapshot import FailureReason, Question
    from config.caip import AssetId

NO_CODE = "no_code"
"""Said of a token contract that has no code at the pin."""


@dataclass(frozen=True, slots=True)
class _Voice:
    """A source's log, and the ways of naming the pin that count in it."""

    log: IndexedLog
    blocks: tuple[Block, ...]

    def vote(
        self,
        call_at: Callable[[Block], Call | None],
        decode: Callable[[Json], T],
        say: Callable[[T], str],
    ) -> Vote[T]:
        """Give the source's vote on a state call at the pin."""
        for block in self.blocks:
            call = call_at(block)
            vote = None if call is None else self.log.vote(call, decode, say)
            if vote is not None and vote.said != NOT_READ:
                return vote
        return Vote(self.log.name, self.log.log.operator, None, NOT_READ)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """Everything a balance is decided from."""

    plan: ChainPlan
    voices: tuple[_Voice, ...]
    readable: dict[AssetId, str | None]
    """Contract of each asset that can be read, None for the native one."""
    faulty: dict[AssetId, tuple[FailureReason, tuple[tuple[str, str], ...]]]
    """Tokens whose contract is not known to have code, with reason and answers."""


def recheck(plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
    """Decode what was recorded into what it shows.

    Args:
        plan: what was to be read; balances and failures come in its order.
        evidence: the recorded answers.

    Raises:
        ChainError: the evidence holds no pin for this plan.
    """
    settled = settle_pin(plan, evidence)
    voices = tuple(_voice(log, settled) for log in settled.logs)
    readable = readable_assets(plan)
    hearing = _Hearing(plan, voices, readable, _faulty_tokens(plan, voices, readable))
    outcomes = [
        _holding(hearing, account.address, asset)
        for account in plan.accounts
        for asset in account.assets
    ]
    answers = [_answer(plan, voices, question) for question in plan.questions]
    return ChainSnapshot(
        pin=settled.pin,
        balances=tuple(item for item in outcomes if isinstance(item, Balance)),
        failures=tuple(item for item in outcomes if isinstance(item, FailedRead)),
        answers=tuple(answer for answer in answers if answer is not None),
    )


def _voice(log: IndexedLog, settled: Settled) -> _Voice:
    header = settled.header
    if block_at(log, header.height) != header:
        return _Voice(log, ())
    blocks = [by_hash(header.block_hash)]
    if log.name in settled.voices:
        blocks.append(by_number(header.height))
    return _Voice(log, tuple(blocks))


def _holding(hearing: _Hearing, address: str, asset: AssetId) -> Balance | FailedRead:
    account = account_id(hearing.plan.chain.id, address)
    readable = hearing.readable
    if asset not in readable:
        return FailedRead(account, asset, "not_read", ())
    if asset in hearing.faulty:
        return FailedRead(account, asset, *hearing.faulty[asset])
    decode = decode_quantity if readable[asset] is None else decode_word
    votes = [
        voice.vote(lambda block: holding_call(readable, address, asset, block), decode, str)
        for voice in hearing.voices
    ]
    result = agree(votes, hearing.plan.quorum)
    if isinstance(result, Agreement):
        return Balance(account, asset, result.value, 0, result.evidence, result.sources)
    return FailedRead(account, asset, result, _said(votes))


def _faulty_tokens(
    plan: ChainPlan, voices: tuple[_Voice, ...], readable: dict[AssetId, str | None]
) -> dict[AssetId, tuple[FailureReason, tuple[tuple[str, str], ...]]]:
    """Find the tokens that sources do not agree to have code at the pin."""
    faulty: dict[AssetId, tuple[FailureReason, tuple[tuple[str, str], ...]]] = {}
    for asset, token in readable.items():
        if token is not None:
            votes = _token_votes(voices, token)
            result = agree(votes, plan.quorum)
            if not isinstance(result, Agreement):
                faulty[asset] = (result, _said(votes))
            elif result.value == "0x":
                faulty[asset] = ("malformed_answer", _said(votes))
    return faulty


def _answer(plan: ChainPlan, voices: tuple[_Voice, ...], question: Question) -> Answer | None:
    votes = _code_votes(voices, lambda block: question_call(plan, question, block))
    result = agree(votes, plan.quorum)
    if not isinstance(result, Agreement):
        return None
    return Answer(question, result.value, result.sources)


def _token_votes(voices: tuple[_Voice, ...], token: str) -> list[Vote[str]]:
    return _code_votes(voices, lambda block: code_call(token, block))


def _code_votes(
    voices: tuple[_Voice, ...], call_at: Callable[[Block], Call | None]
) -> list[Vote[str]]:
    return [voice.vote(call_at, decode_code, _say_code) for voice in voices]


def _say_code(code: str) -> str:
    """Name code by its hash, as the chain does: code itself is too long for a message."""
    return NO_CODE if code == "0x" else f"0x{keccak256(bytes.fromhex(code[2:])).hex()}"


def _said(votes: list[Vote[T]]) -> tuple[tuple[str, str], ...]:
    return tuple((vote.source, vote.said) for vote in votes)
