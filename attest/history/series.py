"""A series of statements: what is missing, changed, doubled, late or out of order among them.

Each statement has a number in its series, the digest of the one before, a time it is about, and the
period after which the next is due. From those that a verifier holds, this finds, with the digests
of both statements as evidence:

    gap           a number is missing between two that are there
    bad_link      not the first and links to none, or is the first and links to one
    rewrite       links to another payload than the one that is there under the number before
    fork          two payloads under one number; who signed each is named
    out_of_order  about an earlier time than one before, and corrects none that is about that time
    skipped       a whole period and the grace passed between two neighbours
    overdue       a whole period and the grace passed since the last

It lists, and judges nothing: which of them makes a bundle invalid is the caller's to say. A holder
who signs a whole tail again breaks no link (tests show it): that takes a log with witnesses, or a
digest that somebody kept. What is missing before the first number that is there is not known here.

Chosen: numbers missing in a row are one finding, since the next number could be any. Refused:
counting one payload under several signatures as a fork; several parties may sign one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.history.period import add_period, parse_period
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Irregular: TypeAlias = Literal[
    "bad_link", "fork", "gap", "out_of_order", "overdue", "rewrite", "skipped"
]


@dataclass(frozen=True, slots=True)
class SeriesStatement:
    """What a statement says of its place in a series."""

    series: str
    sequence: int
    """From 1."""
    payload: str
    """SHA-256 of the payload, hex."""
    previous: str | None
    """That of the statement before; None if it names none."""
    as_of: int
    """Unix seconds of the time it is about."""
    period: str | None
    """Such as `P1M`; None if nothing is promised."""
    supersedes: str | None
    """Digest of the payload that it corrects; None if it corrects none."""
    signer: str
    """Id of the key that signed it."""


@dataclass(frozen=True, slots=True)
class Irregularity:
    """One thing that is not as a series should be."""

    kind: Irregular
    series: str
    sequence: int
    """The number it is about: the missing, the doubled, the later one; the next one if overdue."""
    until: int
    """The last number it is about; `sequence` but for a gap."""
    first: str | None
    """Digest of the payload on the one side: the earlier statement; None if there is none."""
    second: str | None
    """Digest on the other: the later statement; None if there is none yet."""
    signers: tuple[str, ...]
    """Ids of the keys that signed the statements it is found in."""
    due: int | None = None
    """Unix seconds at which, grace included, the next was due, where that is what is found."""
    link: str | None = None
    """Digest that the later statement of a gap, rewrite or bad link links to; None if to none."""


@dataclass(frozen=True, slots=True)
class _Group:
    """All payloads under one number."""

    sequence: int
    members: tuple[SeriesStatement, ...]
    """By digest, one each."""
    signers: dict[str, tuple[str, ...]]
    """Digest to who signed it."""


def find_irregularities(
    statements: Iterable[SeriesStatement], today: int, grace: int
) -> tuple[Irregularity, ...]:
    """List what is not as it should be, by series, number and kind.

    Args:
        statements: verified ones, in any order; one payload may stand there under several keys.
        today: Unix seconds, the verifier's.
        grace: seconds that he allows after each due time, 0 or more.

    Raises:
        InputError: no statements, or a period that is none.
    """
    found: list[Irregularity] = []
    ordered = sorted(
        statements, key=lambda one: (one.series, one.sequence, one.payload, one.signer)
    )
    if not ordered:
        raise InputError("no statements of a series")
    for _, of_series in groupby(ordered, key=lambda one: one.series):
        groups = tuple(_groups(of_series))
        found += _of_numbers(groups)
        found += _of_links(groups)
        found += _out_of_order(groups)
        found += _skipped(groups, grace)
        found += _overdue(groups, today, grace)
    return tuple(
        sorted(found, key=lambda one: (one.series, one.sequence, one.kind, one.second or ""))
    )


def _groups(ordered: Iterable[SeriesStatement]) -> Iterator[_Group]:
    for sequence, numbered in groupby(ordered, key=lambda one: one.sequence):
        members, signers = [], {}
        for payload, same in groupby(numbered, key=lambda one: one.payload):
            copies = tuple(same)
            members.append(copies[0])
            signers[payload] = tuple(dict.fromkeys(one.signer for one in copies))
        yield _Group(sequence, tuple(members), signers)


def _of_numbers(groups: Sequence[_Group]) -> Iterator[Irregularity]:
    for group in groups:
        first, *others = group.members
        for other in others:
            signers = (*group.signers[first.payload], *group.signers[other.payload])
            yield _about("fork", other, first.payload, signers)
    for before, after in pairwise(groups):
        if after.sequence > before.sequence + 1:
            earlier, later = before.members[0], after.members[0]
            both = _signers(before, after)
            gap = _about("gap", later, earlier.payload, both, link=later.previous)
            yield replace(gap, sequence=before.sequence + 1, until=after.sequence - 1)


def _of_links(groups: Sequence[_Group]) -> Iterator[Irregularity]:
    known = {group.sequence: group for group in groups}
    for group in groups:
        before = known.get(group.sequence - 1)
        for one in group.members:
            own = group.signers[one.payload]
            if (one.previous is None) != (one.sequence == 1):
                yield _about("bad_link", one, None, own, link=one.previous)
            elif before is not None and one.previous not in before.signers:
                first, both = before.members[0].payload, _signers(before, group)
                yield _about("rewrite", one, first, both, link=one.previous)


def _out_of_order(groups: Sequence[_Group]) -> Iterator[Irregularity]:
    known = {one.payload: one for group in groups for one in group.members}
    latest: SeriesStatement | None = None
    for group in groups:
        for one in group.members:
            other = latest if one.supersedes is None else known.get(one.supersedes)
            if other is None or one.as_of == other.as_of:
                continue
            if one.supersedes is not None or one.as_of < other.as_of:
                yield _about("out_of_order", one, other.payload, group.signers[one.payload])
        latest = _latest(latest, group)


def _skipped(groups: Sequence[_Group], grace: int) -> Iterator[Irregularity]:
    latest: SeriesStatement | None = None
    number = 0
    for group in groups:
        # Where a number is missing, it may be the one that was due.
        due = _due(latest, grace) if latest is not None and group.sequence == number + 1 else None
        if latest is not None and due is not None:
            for one in group.members:
                if one.as_of > due:
                    own = group.signers[one.payload]
                    yield _about("skipped", one, latest.payload, own, due=due)
        latest = _latest(latest if group.sequence == number + 1 else None, group)
        number = group.sequence


def _latest(before: SeriesStatement | None, group: _Group) -> SeriesStatement | None:
    """Give the statement about the latest time so far; corrections are about a time before."""
    new = (one for one in group.members if one.supersedes is None)
    return max((*filter(None, (before,)), *new), key=lambda one: one.as_of, default=None)


def _overdue(groups: Sequence[_Group], today: int, grace: int) -> Iterator[Irregularity]:
    last = max(
        (one for group in groups for one in group.members),
        key=lambda one: (one.as_of, one.sequence),
    )
    due = _due(last, grace)
    if due is not None and today > due:
        number = groups[-1].sequence + 1
        signers = next(one.signers[last.payload] for one in groups if one.sequence == last.sequence)
        yield Irregularity("overdue", last.series, number, number, last.payload, None, signers, due)


def _due(statement: SeriesStatement, grace: int) -> int | None:
    """Tell when, grace included, the next one was due; None if no period is promised."""
    if statement.period is None:
        return None
    return add_period(statement.as_of, parse_period(statement.period)) + grace


def _about(
    kind: Irregular,
    one: SeriesStatement,
    first: str | None,
    signers: tuple[str, ...],
    *,
    due: int | None = None,
    link: str | None = None,
) -> Irregularity:
    """Find something in a statement itself, beside another one's digest."""
    number = one.sequence
    return Irregularity(kind, one.series, number, number, first, one.payload, signers, due, link)


def _signers(before: _Group, after: _Group) -> tuple[str, ...]:
    one, other = before.members[0].payload, after.members[0].payload
    return tuple(dict.fromkeys((*before.signers[one], *after.signers[other])))
