"""Where a rule stands: whether it is law, since when, and how well that is known.

    [rule.standing]
    status = "in_force"
    since = "2020-05-01"
    grade = "found"
    source = "iuris.jp a/35309, CAEO 27 in Japanese, read through 27(2)"
    seen = "2026-11-22"
    period = "always"
    unverified = ["the date from which it applies"]

| status | what it is | block |
|---|---|---|
| `in_force` | law, or an order or licence rule under it | in force |
| `self_regulatory` | binds members of a self-regulatory body | in force |
| `guidance` | a supervisor's guideline, which he holds firms to | in force |
| `own` | no law: a check of this tool | in force |
| `enacted` | passed, and not commenced | proposals |
| `bill` | before a parliament, or decided by a government for one | proposals |
| `consultation` | published by a supervisor as a plan | proposals |
| `scenario` | a loss of the past, or one that is thought up | stress |

`grade` says how the rule's figures are known: `found` in a source that was read, `derived` from
such by arithmetic, `unverified` from general knowledge alone, `own` where nobody else states them.
What a found rule has of general knowledge besides is listed in `unverified`. A rule of which all is
unverified only ever warns, and the outcome does not wait for it: what nobody has looked up fails
nobody.

A rule in force has a first day, `since`; it may have a last one, `until`. Days are those of the
pack's calendar, and on any other day the rule does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from config.calendar import IsoDate  # noqa: TC001 - the model reads the annotation at run time
from config.errors import InputError
from config.strict import STRICT
from config.times import parse_date

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Block = Literal["in_force", "proposals", "stress"]
Status = Literal[
    "in_force",
    "self_regulatory",
    "guidance",
    "own",
    "enacted",
    "bill",
    "consultation",
    "scenario",
]
Grade = Literal["found", "derived", "unverified", "own"]
Period = Literal[
    "always",
    "each_day",
    "each_business_day",
    "month_end",
    "quarter",
    "half_year",
    "year",
    "fiscal_year",
    "event",
    "statement",
]
"""How often a rule asks its question; `statement`: whenever one is made."""
Said: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=400)]

BLOCKS: Mapping[Status, Block] = {
    "in_force": "in_force",
    "self_regulatory": "in_force",
    "guidance": "in_force",
    "own": "in_force",
    "enacted": "proposals",
    "bill": "proposals",
    "consultation": "proposals",
    "scenario": "stress",
}
DATED: frozenset[Status] = frozenset({"in_force", "self_regulatory", "guidance"})
"""Of these a first day is asked."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Standing:
    """The legal status of a rule, and where its text was found."""

    status: Status
    grade: Grade
    source: Said
    """Where the rule was read."""
    seen: IsoDate
    """When it was."""
    period: Period
    since: IsoDate | None = None
    """The first day on which it applies; None only where it is not in force, or is our own."""
    until: IsoDate | None = None
    """The last one; None: no end is known."""
    scope: Said | None = None
    """To whom it applies, in words; None: to whoever chooses the pack."""
    cure: Said | None = None
    """Within which time a breach is to be mended, in words; None: not known."""
    unverified: tuple[Said, ...] = ()
    """What of it is general knowledge, found in no source."""

    @property
    def block(self) -> Block:
        """Where its findings stand."""
        return BLOCKS[self.status]


def check_standing(standing: Standing) -> None:
    """Refuse a standing that contradicts itself.

    Raises:
        InputError: a day that is none, an end before the beginning, or a rule in force without a
            first day.
    """
    parse_date(standing.seen)
    since, until = first_day(standing), last_day(standing)
    if since is None and standing.status in DATED:
        raise InputError(f"standing.since: missing of a rule that is {standing.status}")
    if since is not None and until is not None and until < since:
        raise InputError(f"standing.until: ends on {until}, begins on {since}")


def first_day(standing: Standing) -> date | None:
    """Give the first day on which a rule applies; None: none is stated."""
    return None if standing.since is None else parse_date(standing.since)


def last_day(standing: Standing) -> date | None:
    """Give the last day on which a rule applies; None: none is stated."""
    return None if standing.until is None else parse_date(standing.until)
