"""Rules about what was read: duplicate accounts, failed reads, pins away from the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import Result
from config.times import format_time

if TYPE_CHECKING:
    from attest.rules.case import Case, Parameters
    from chains.snapshot import FailedRead, Pin


def duplicate_account(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """duplicate_account/1: name every account the declaration states more than once."""
    del parameters
    found = tuple(
        Result(
            "breach",
            duplicate.account,
            f"declared {len(duplicate.lines)} times, on lines "
            f"{', '.join(map(str, duplicate.lines))}; counted once",
            {"lines": ", ".join(map(str, duplicate.lines))},
        )
        for duplicate in case.inputs.accounts.duplicates
    )
    return found or (Result("pass", "", "no account is declared twice"),)


def failed_read(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """failed_read/1: name every balance that is not known, with what each source answered."""
    del parameters
    failures = [failure for chain in case.snapshot.chains for failure in chain.failures]
    if not failures:
        return (Result("pass", "", "every declared balance was read"),)
    return tuple(_failed(failure) for failure in failures)


def _failed(failure: FailedRead) -> Result:
    answers = "; ".join(f"{source}: {answer}" for source, answer in failure.answers)
    said = f" ({answers})" if answers else ""
    return Result(
        "unknown",
        failure.account,
        f"{failure.asset} was not read: {failure.reason}{said}",
        {"asset": failure.asset, "reason": failure.reason, "answers": answers},
    )


def as_of_skew(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """as_of_skew/1: compare each pin's time with the time the statement is about.

    Parameters: `maximum_seconds`.
    """
    maximum = parameters.whole("maximum_seconds")
    return tuple(_skew(chain.pin, case.as_of, maximum) for chain in case.snapshot.chains)


def _skew(pin: Pin, as_of: int, maximum: int) -> Result:
    skew = pin.block_time - as_of
    text = (
        f"block {pin.height} is of {format_time(pin.block_time)}, "
        f"{abs(skew)} seconds {'after' if skew > 0 else 'before'} {format_time(as_of)}"
    )
    facts = {"skew_seconds": str(skew), "maximum_seconds": str(maximum), "height": str(pin.height)}
    return Result("pass" if abs(skew) <= maximum else "breach", pin.chain, text, facts)
