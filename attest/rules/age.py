"""Rules about the age of proofs: how long ago keys were shown, and times that cannot be.

A proof's time is the one that its control carries (`Control.signed_at`): the witness's, else as the
claim says it was received, else the issue of our text, which is the earliest that it can be. It is
measured against the pinned block of the account's own chain. `received_at` is the entity's word; it
makes a proof younger by at most the window of its text, because a claim that was received outside
it is no proof.

Findings are grouped: how many, and the first lines, never one for each of a million claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.positions import STRONG_GRADES
from attest.rules.case import NAMED, Result
from attest.rules.controls import place_of, spelled
from config.claims import CHALLENGE, CHALLENGE_LINE
from config.times import parse_time
from proofs.challenge import issued_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from chains.snapshot import ChainSnapshot, Snapshot
    from config.challenges import Challenges
    from config.claims import Claim
    from proofs.control import Control

_CONTRADICTIONS = {
    "before_issue": "before the text they are over was issued",
    "before_block": "before a block that the text they are over names",
    "after_statement": "long after the time the statement is about",
}


def control_age(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """control_age/1: no proof that can count is older than it may be, at its chain's pin.

    Parameters: `maximum_seconds`. Proofs over other texts than ours count in no band, whatever
    their age; they are one result that says what is known of it, and no rule depends on that.
    """
    maximum = parameters.whole("maximum_seconds")
    pins = {str(chain.pin.chain): chain.pin.block_time for chain in case.snapshot.chains}
    proved = [control for control in case.controls if control.outcome == "proved"]
    ours = [control for control in proved if control.grade in STRONG_GRADES]
    ages = {place_of(one): _age(one, pins, case.as_of) for one in ours}
    return (*_judged(ages, maximum), *_others(proved, pins, case.as_of, maximum))


def _judged(ages: dict[str, int | None], maximum: int) -> tuple[Result, ...]:
    """Judge the ages of proofs over our texts, each of which has one."""
    if not ages:
        return (Result("not_applicable", "", "no control is proved over an issued text"),)
    known = {place: age for place, age in ages.items() if age is not None}
    if len(known) < len(ages):
        return (Result("unknown", "", "a proof over an issued text does not say when it was made"),)
    oldest = max(known.values())
    old = [place for place, age in known.items() if age > maximum]
    facts = {
        "proofs": str(len(known)),
        "older": str(len(old)),
        "oldest_seconds": str(oldest),
        "maximum_seconds": str(maximum),
    }
    if not old:
        text = f"{len(known)} proofs over issued texts, the oldest of {oldest} seconds"
        return (Result("pass", "", text, facts),)
    text = (
        f"{len(old)} of {len(known)} proofs over issued texts are older than {maximum} seconds "
        f"at the pinned block, the oldest of {oldest} seconds"
    )
    return (Result("breach", "", text, {**facts, "first": _first(old)}),)


def _others(
    proved: list[Control], pins: Mapping[str, int], as_of: int, maximum: int
) -> tuple[Result, ...]:
    """Say what is known of the age of proofs that count in no band; nothing if there are none."""
    others = [control for control in proved if control.grade not in STRONG_GRADES]
    if not others:
        return ()
    silent = [place_of(one) for one in others if one.signed_at is None]
    ages = [_age(one, pins, as_of) for one in others]
    old = sum(age is not None and age > maximum for age in ages)
    text = (
        f"{len(others)} proofs over other texts count in no band: {len(silent)} do not say when "
        f"they were made, {old} are older than {maximum} seconds"
    )
    facts = {"proofs": str(len(others)), "unknown": str(len(silent)), "older": str(old)}
    return (Result("not_applicable", "", text, {**facts, "first": _first(silent)}),)


def _age(control: Control, pins: Mapping[str, int], as_of: int) -> int | None:
    """Give a proof's age at the latest pin of its accounts, in seconds; None if nobody says.

    A chain that was not read has no pin, and none of its balances counts; the statement's time
    stands for it. What was signed after the pin is of age zero.
    """
    if control.signed_at is None:
        return None
    chains = {":".join(subject.split(":", 2)[:2]) for subject in control.subjects}
    latest = max((pins.get(chain, as_of) for chain in chains), default=as_of)
    return max(0, latest - control.signed_at)


def received_at(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """received_at/1: no claim was received when it cannot have been.

    Claims that are carried forward are judged by the texts and the time of their own statement.
    Parameters: `maximum_seconds` after the statement's time; `tolerance_seconds` by which a block's
    own time may lie ahead of the clock. The time of a block that a text names is known where that
    block is a pin, or bounds a window.
    """
    maximum = parameters.whole("maximum_seconds")
    tolerance = parameters.whole("tolerance_seconds")
    met: dict[str, list[str]] = {code: [] for code in _CONTRADICTIONS}
    stated = 0
    for told in _told(case):
        block = _latest_block(told.challenges, case.snapshot)
        earliest = None if block is None else block - tolerance
        for claim in (one for one in told.claims if one.received_at is not None):
            stated += 1
            for code in _wrong(claim, told.challenges, earliest, told.as_of + maximum):
                met[code].append(f"line {claim.line}{told.whose}")
    if not stated:
        return (Result("not_applicable", "", "no claim states when it was received"),)
    found = tuple(_contradiction(code, places) for code, places in met.items() if places)
    return found or (Result("pass", "", f"{stated} claims state a time that can be"),)


@dataclass(frozen=True, slots=True)
class _Told:
    """Claims with the texts and the time of their statement."""

    claims: tuple[Claim, ...]
    challenges: Challenges | None
    as_of: int
    whose: str = ""


def _told(case: Case) -> Iterator[_Told]:
    """Give the statement's own claims, then those carried forward."""
    yield _Told(case.inputs.claims, case.inputs.challenges, case.as_of)
    for one in case.inputs.carried:
        yield _Told(one.claims, one.challenges, one.as_of, f" of statement {one.digest}")


def _wrong(
    claim: Claim, issued: Challenges | None, earliest: int | None, latest: int
) -> Iterator[str]:
    """Name what contradicts the time at which a claim was received."""
    at = claim.received_at
    if at is None:
        return
    if issued is not None and _is_ours(claim, issued):
        if at < parse_time(issued.issuedAt):
            yield "before_issue"
        if earliest is not None and at < earliest:
            yield "before_block"
    if at > latest:
        yield "after_statement"


def _contradiction(code: str, places: list[str]) -> Result:
    text = f"{len(places)} claims were received {_CONTRADICTIONS[code]}: {_first(places)}"
    return Result("breach", "", text, {"code": code, "claims": str(len(places))})


def _is_ours(claim: Claim, issued: Challenges) -> bool:
    """Tell whether a claim's text is one that was issued for an account of it."""
    named = {subject.id for subject in claim.subjects}
    if claim.message in (CHALLENGE, CHALLENGE_LINE):
        return claim.subjects[0].id in issued.texts
    return issued_for(issued, spelled(claim)) in named


def _latest_block(issued: Challenges | None, snapshot: Snapshot) -> int | None:
    """Give the latest known time of a block that the texts name, None if none is known."""
    if issued is None:
        return None
    known = dict(block for chain in snapshot.chains for block in _blocks(chain))
    named = ((one.chain, one.height, one.hash.removeprefix("0x")) for one in issued.anchors)
    return max((known[one] for one in named if one in known), default=None)


def _blocks(chain: ChainSnapshot) -> Iterator[tuple[tuple[str, str, str], int]]:
    """Give the blocks of a chain that were read, as an anchor names them, with their times."""
    pin = chain.pin
    yield (pin.chain, str(pin.height), pin.block_hash.removeprefix("0x")), pin.block_time
    for one in chain.window_blocks:
        yield (pin.chain, str(one.height), one.block_hash.removeprefix("0x")), one.block_time


def _first(places: list[str]) -> str:
    return ", ".join(places[:NAMED])
