"""What a log holds of the questions that a reading needs, and whether its source is on the chain.

A reading goes round by round: `unread` gives the questions that are not in the log yet, the reader
asks them, and so on until none is missing. A recheck finds the same questions in evidence, because
both are given by the same functions. A question that failed was asked: it is not missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from chains.errors import ChainError
from chains.index import question_key
from chains.quorum import MALFORMED, Vote
from chains.utxo.history.headers import link_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chains.evidence import Call, Json
    from chains.index import IndexedLog
    from chains.utxo.history.headers import HeaderChain

T = TypeVar("T")


def unread(log: IndexedLog, calls: Iterable[Call]) -> tuple[Call, ...]:
    """Give the questions that a log does not hold, each once."""
    found = {question_key(call): call for call in calls}
    return tuple(call for call in found.values() if not log.exchanges(call))


def voted(log: IndexedLog, call: Call, decode: Callable[[Json], T]) -> Vote[T]:
    """Decode the answer to a question; its value is nothing that people would read."""
    return log.vote(call, decode, lambda _: "")


def silent(log: IndexedLog, said: str) -> Vote[T]:
    """Give the vote of a source that says nothing that can be used."""
    return Vote(log.name, log.log.operator, None, said)


def linked(log: IndexedLog, parts: Iterable[tuple[int, Vote[bytes]]]) -> Vote[HeaderChain]:
    """Link runs of headers.

    Args:
        log: the source's.
        parts: the height of each run's first header, and the headers, ascending.

    Returns:
        A vote without a value, as the first run that was not given, if one was not, or if they do
        not link.
    """
    given: list[tuple[int, bytes]] = []
    for start, vote in parts:
        if vote.value is None:
            return silent(log, vote.said)
        given.append((start, vote.value))
    try:
        return Vote(log.name, log.log.operator, link_headers(given), "")
    except ValueError:
        return silent(log, MALFORMED)


def require_chain(
    log: IndexedLog, questions: Iterable[tuple[Call, str]], decode: Callable[[Json], str]
) -> str | None:
    """Hold a source against the blocks that only one chain has.

    Args:
        log: the source's.
        questions: each with the block hash that must be its answer.
        decode: reads a block hash from an answer.

    Returns:
        None if all answers are right, else what the first silent one said.

    Raises:
        ChainError: the source follows another chain.
    """
    for call, expected in questions:
        vote = voted(log, call, decode)
        if vote.value is None:
            return vote.said
        if vote.value != expected:
            met = f"{call.method} {call.params} gives block {vote.value}, must be {expected}"
            raise ChainError(
                f"source {log.name} follows another chain: {met}",
                "correct the endpoint or the chain of this source in the declaration",
            )
    return None
