"""Agreement: what several sources say together about one value.

The rule, the same for pins, balances and answers to questions: every source that answered must say
the same, and those who say it must be run by enough different operators. One source that says
something else stops the value, however many agree, because the tool cannot know who is right. A
result that cannot be decoded is something else too. A source that gave no result at all is silent,
and takes no part.

Taking the majority was refused: an attestation is about exactly the case in which somebody lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from chains.snapshot import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chains.snapshot import EvidenceClass, FailureReason, Question

T = TypeVar("T")

MALFORMED = "malformed_answer"
NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Vote(Generic[T]):
    """What one source said."""

    source: str
    operator: str
    value: T | None
    """None if it gave nothing that can be decoded."""
    said: str
    """The value as text, else `malformed_answer`, `not_read` or the exchange's error code."""


@dataclass(frozen=True, slots=True)
class Agreement(Generic[T]):
    """A value on which enough sources agree."""

    value: T
    sources: tuple[str, ...]
    """Who said so, in the order of the votes."""
    operators: int
    """How many different operators run them."""

    @property
    def evidence(self) -> EvidenceClass:
        """Evidence class: `quorum` if two operators agree, else `single`."""
        return "quorum" if self.operators > 1 else "single"


def agree(votes: Sequence[Vote[T]], quorum: int) -> Agreement[T] | FailureReason:
    """Find the agreed value, or say why there is none.

    Args:
        votes: one a source, in declaration order; values are compared with `==`.
        quorum: how many different operators must agree, 1 or more.

    Raises:
        ValueError: the quorum is less than 1, which would let nobody agree.
    """
    if quorum < 1:
        raise ValueError(f"quorum of {quorum}: at least 1 is needed")
    given = [(vote, vote.value) for vote in votes if vote.value is not None]
    if not given:
        return _silence([vote.said for vote in votes])
    value = given[0][1]
    if any(vote.said == MALFORMED for vote in votes) or any(other != value for _, other in given):
        return "sources_disagree"
    operators = len({vote.operator for vote, _ in given})
    if operators < quorum:
        return "quorum_not_met"
    return Agreement(value, tuple(vote.source for vote, _ in given), operators)


def agreed_answers(
    questions: Iterable[Question], votes_on: Callable[[Question], Sequence[Vote[str]]], quorum: int
) -> tuple[Answer, ...]:
    """Give the answers on which enough sources agree; a question without one is left out.

    Args:
        questions: in the order of the answers.
        votes_on: gives each source's vote on a question.
        quorum: as for `agree`.
    """
    results = ((question, agree(votes_on(question), quorum)) for question in questions)
    return tuple(
        Answer(question, result.value, result.sources)
        for question, result in results
        if isinstance(result, Agreement)
    )


def _silence(said: Sequence[str]) -> FailureReason:
    if all(word == NOT_READ for word in said):
        return "not_read"
    return "malformed_answer" if all(word == MALFORMED for word in said) else "source_failed"
