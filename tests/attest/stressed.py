"""The rules of the pack on past losses, judged one by one on cases made from the fixture FX1."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from attest.rules.kinds import KINDS
from attest.rules.parameters import Parameters
from chains.snapshot import FailedRead
from config.policy import parse_pack, shipped_pack
from tests.attest.regulated import ASSETS

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case, Result
    from config.policy import Pack
    from tests.attest.regulated import Exchange

DAY = 86_400


@cache
def pack() -> Pack:
    return parse_pack(shipped_pack("past-losses"), "past-losses.toml")


def parameters(rule: str, **change: int | str | tuple[str, ...] | None) -> Parameters:
    """Give a rule's parameters with some changed, or left out where they are None."""
    own = next(one for one in pack().rule if one.id == rule)
    values = {**own.parameters, **change}
    return Parameters(rule, {key: one for key, one in values.items() if one is not None})


def judged(
    case: Case, rule: str, **change: int | str | tuple[str, ...] | None
) -> tuple[Result, ...]:
    """Judge a case by one rule of the pack."""
    kind = next(one.kind for one in pack().rule if one.id == rule)
    return KINDS[kind](case, parameters(rule, **change))


def one(
    work: Work, exchange: Exchange, rule: str, **change: int | str | tuple[str, ...] | None
) -> Result:
    """Judge an exchange by one rule of the pack that gives one result."""
    (result,) = judged(exchange.case(work), rule, **change)
    return result


def unread(case: Case, work: Work, account: str) -> Case:
    """Let a declared account not have been read, whatever positions say."""
    chain = work.case.snapshot.chains[0]
    row = next(row for row in case.inputs.accounts.rows if row.id == account)
    failed = FailedRead(row.id, ASSETS["btc"], "source_failed", ())
    chains = (replace(chain, failures=(failed,)),)
    return replace(case, snapshot=replace(case.snapshot, chains=chains))
