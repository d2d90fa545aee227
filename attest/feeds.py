"""What price feeds answered at the pin, read strictly: five words, a number and a text.

    latestRoundData()   roundId, answer (signed), startedAt, updatedAt, answeredInRound
    decimals()          as the row says
    description()       as the row says

An answer that is missing, of another form, of another feed, not above zero, of after the block or
older than the feed's heartbeat is no answer: the reason stands for it. Nothing here values
anything; `price_feed/1` holds declared prices against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.evm.rates import selector
from chains.snapshot import Question
from config.caip import address_of, chain_of_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.inputs import Inputs
    from chains.snapshot import Pin, Snapshot
    from config.feeds import Feed

FUNCTIONS = ("latestRoundData()", "decimals()", "description()")
_ROUND = re.compile(r"0x([0-9a-f]{64})([0-9a-f]{64})[0-9a-f]{64}([0-9a-f]{64})[0-9a-f]{64}")
_SIGN, _WORD = 1 << 255, 32

Fault: TypeAlias = Literal[
    "not_read",  # the chain, or one of the three answers
    "malformed",  # the round is not five words
    "other_feed",  # decimals or description are not the row's
    "not_positive",  # the answer is zero or below
    "of_after_the_block",
    "stale",  # older than the heartbeat
]


@dataclass(frozen=True, slots=True)
class Round:
    """A feed's last round at the pin."""

    feed: Feed
    fault: Fault | None
    """Why nothing is taken of it; None: `price` is what it said."""
    price: Fraction | None = None
    """Of one display unit, in units of the currency."""
    number: int | None = None
    updated: int | None = None
    """Unix seconds."""
    pin: Pin | None = None

    @property
    def age(self) -> int | None:
        """Seconds from its time to the block's."""
        return (
            None
            if self.pin is None or self.updated is None
            else (self.pin.block_time - self.updated)
        )


def asked_feeds(inputs: Inputs) -> tuple[Feed, ...]:
    """List the feeds of what is priced at spot, if the declaration wants them, in their order."""
    if not inputs.declaration.attestation.price_feeds:
        return ()
    spot = [one for one in inputs.books.prices if one.basis == "spot"]
    priced = {name for one in spot for name in (one.instrument, one.currency)}
    return tuple(feed for feed in inputs.registry.feeds if feed.instrument in priced)


def feed_questions(feeds: Iterable[Feed]) -> tuple[Question, ...]:
    """Make the questions to feeds, three each."""
    return tuple(_question(feed, function) for feed in feeds for function in FUNCTIONS)


def feed_rounds(feeds: Iterable[Feed], snapshot: Snapshot) -> tuple[Round, ...]:
    """Read what feeds answered, in their order."""
    answers = {one.question: one.value for chain in snapshot.chains for one in chain.answers}
    pins = {chain.pin.chain: chain.pin for chain in snapshot.chains}
    return tuple(_read(feed, answers, pins.get(chain_of_account(feed.contract))) for feed in feeds)


def _question(feed: Feed, function: str) -> Question:
    subject = f"{address_of(feed.contract)} 0x{selector(function).hex()}"
    return Question(chain_of_account(feed.contract), "call", subject)


def _read(feed: Feed, answers: Mapping[Question, str], pin: Pin | None) -> Round:
    told, decimals, text = (answers.get(_question(feed, one)) for one in FUNCTIONS)
    if pin is None or told is None or decimals is None or text is None:
        return Round(feed, "not_read")
    if (decimals, text) != (f"0x{feed.decimals:064x}", _encoded(feed.description)):
        return Round(feed, "other_feed")
    match = _ROUND.fullmatch(told)
    if match is None:
        return Round(feed, "malformed")
    number, answer, updated = (int(word, 16) for word in match.groups())
    found = Round(feed, None, None, number, updated, pin)
    fault = _fault(found, answer)
    if fault is not None:
        return Round(feed, fault, None, number, updated, pin)
    return Round(feed, None, Fraction(answer, 10**feed.decimals), number, updated, pin)


def _fault(found: Round, answer: int) -> Fault | None:
    """Say why a round of the right form counts nowhere."""
    if answer == 0 or answer >= _SIGN:
        return "not_positive"
    age = found.age
    if age is None or age < 0:
        return "of_after_the_block"
    return "stale" if age > found.feed.heartbeat else None


def _encoded(text: str) -> str:
    """Give a text of up to 32 characters as a contract returns it."""
    data = text.encode()
    return f"0x{_WORD:064x}{len(data):064x}{data.ljust(_WORD, bytes(1)).hex()}"
