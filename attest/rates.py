"""What tokens stand for by their own contracts' word, asked at the pin and shown beside balances.

A rate never makes a balance and is never multiplied with one: a wrapped coin is a claim on its
issuer, and stays its own asset. What a reader does with the rate is his own sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.evm.calls import MalformedAnswer, decode_word
from chains.evm.rates import rate_call
from chains.snapshot import Question
from config.caip import chain_of_asset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.snapshot import Snapshot
    from config.registry import Asset


@dataclass(frozen=True, slots=True)
class TokenRate:
    """A token's rate at the pin."""

    asset: Asset
    value: int | None
    """In the rate's decimals; None if it was not read, or is not one word."""
    sources: tuple[str, ...]


def rate_questions(assets: Iterable[Asset]) -> tuple[Question, ...]:
    """Make the question for each asset that has a rate."""
    found = (_question(asset) for asset in assets)
    return tuple(question for question in found if question is not None)


def token_rates(assets: Iterable[Asset], snapshot: Snapshot) -> tuple[TokenRate, ...]:
    """Read the rates that were asked for, in the order of the assets."""
    answers = {answer.question: answer for chain in snapshot.chains for answer in chain.answers}
    found = []
    for asset in assets:
        question = _question(asset)
        answer = None if question is None else answers.get(question)
        value = None if answer is None else _word(answer.value)
        found.append(TokenRate(asset, value, () if answer is None else answer.sources))
    return tuple(found)


def _question(asset: Asset) -> Question | None:
    call = rate_call(asset, "")
    match None if call is None else call.params[0]:
        case {"to": str(contract), "data": str(data)}:
            return Question(chain_of_asset(asset.id), "call", f"{contract} {data}")
    return None


def _word(text: str) -> int | None:
    try:
        return decode_word(text)
    except MalformedAnswer:
        return None
