"""Reading a statement's balances again at its pin, from a verifier's own nodes.

The pin is known, so nothing is searched. Every stated balance and every answer to a question is
asked for at the pin's hash (EIP-1898); a node that does not know that form is asked by number, and
must still have the pin at that height when it is done. Each node must say what the statement says.

Reading at the pin's own time instead, as a run does, was refused: on a chain of several blocks a
second a later block may have the same time, and another state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.errors import ChainError
from chains.evm.calls import (
    MalformedAnswer,
    block_hash_call,
    by_hash,
    by_number,
    decode_code,
    decode_header,
    decode_quantity,
    decode_word,
)
from chains.evm.reader import CHUNK, UNKNOWN_FORM
from chains.evm.state import holding_call, question_call, readable_assets
from config.caip import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import Call, ChainPlan, Exchange, Json, Source, Surroundings
    from chains.evm.calls import Block
    from chains.snapshot import Answer, Balance, ChainSnapshot
    from config.caip import AssetId

Difference: TypeAlias = tuple[Literal["balance_mismatch", "answer_mismatch", "not_read_again"], str]

NAMED = 20
"""Differences that are named; a statement with more of them is not worth a longer list."""

SHOWN = 40
"""How much of a value is shown: code may be many kilobytes."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One stated value, and how it is asked for."""

    name: str
    code: Literal["balance_mismatch", "answer_mismatch"]
    stated: int | str
    call: Call
    decode: Callable[[Json], int | str]


def compare_balances(
    plan: ChainPlan, stated: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> tuple[Difference, ...]:
    """Compare every stated balance and answer with the word of each node at the pin.

    Args:
        plan: what was to be read.
        stated: what the statement says was read.
        sources: the verifier's nodes, which were seen to have the pinned block.
        around: progress.

    Raises:
        ChainError: a stated value is of a kind that this version cannot ask for.
    """
    found = [item for source in sources for item in _compare(plan, stated, source, around)]
    return tuple(found[:NAMED])


def _compare(
    plan: ChainPlan, stated: ChainSnapshot, source: Source, around: Surroundings
) -> list[Difference]:
    checks = _checks(plan, stated, by_hash(stated.pin.block_hash))
    if not checks or source.ask([checks[0].call])[0].error not in UNKNOWN_FORM:
        return _differences(plan, checks, source, around)
    numbered = _checks(plan, stated, by_number(stated.pin.height))
    found = _differences(plan, numbered, source, around)
    if not _has_pin(stated, source):
        found.append(("not_read_again", f"{source.name} no longer has block {stated.pin.height}"))
    return found


def _checks(plan: ChainPlan, stated: ChainSnapshot, block: Block) -> list[_Check]:
    readable = readable_assets(plan)
    return [
        *(_answer_check(plan, answer, block) for answer in stated.answers),
        *(_balance_check(readable, balance, block) for balance in stated.balances),
    ]


def _answer_check(plan: ChainPlan, answer: Answer, block: Block) -> _Check:
    name = f"{answer.question.kind} of {answer.question.subject}"
    call = _askable(question_call(plan, answer.question, block), name)
    return _Check(name, "answer_mismatch", answer.value, call, decode_code)


def _balance_check(
    readable: Mapping[AssetId, str | None], balance: Balance, block: Block
) -> _Check:
    name = f"{balance.account} {balance.asset}"
    call = _askable(holding_call(readable, address_of(balance.account), balance.asset, block), name)
    decode = decode_quantity if readable[balance.asset] is None else decode_word
    return _Check(name, "balance_mismatch", balance.units, call, decode)


def _askable(call: Call | None, name: str) -> Call:
    if call is None:
        raise ChainError(f"{name}: this version cannot ask for it")
    return call


def _differences(
    plan: ChainPlan, checks: list[_Check], source: Source, around: Surroundings
) -> list[Difference]:
    found: list[Difference] = []
    for start in range(0, len(checks), CHUNK):
        chunk = checks[start : start + CHUNK]
        exchanges = source.ask([check.call for check in chunk])
        told = (_difference(*pair) for pair in zip(chunk, exchanges, strict=True))
        found += [item for item in told if item is not None]
        around.progress(f"{plan.chain.name}: reading again", start + len(chunk), len(checks))
    return found


def _difference(check: _Check, exchange: Exchange) -> Difference | None:
    try:
        met = check.decode(exchange.result) if exchange.error is None else None
    except MalformedAnswer:
        met = None
    if met is None:
        return "not_read_again", check.name
    if met == check.stated:
        return None
    said = f"statement {str(check.stated)[:SHOWN]}, node {str(met)[:SHOWN]}"
    return check.code, f"{check.name}: {said}"


def _has_pin(stated: ChainSnapshot, source: Source) -> bool:
    exchange = source.ask([block_hash_call(stated.pin.height)])[0]
    try:
        return decode_header(exchange.result).block_hash == stated.pin.block_hash
    except MalformedAnswer:
        return False
