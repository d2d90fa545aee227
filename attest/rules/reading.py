"""Rules about what was read: duplicate accounts, failed reads, pins away from the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import Result
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from chains.snapshot import FailedRead, Pin, Proving, Remark, RemarkCode
    from config.caip import ChainId

REMARKS: dict[RemarkCode, str] = {
    "no_proofs": "gave no state proofs at the pinned block",
    "bad_proof": "gave state proofs that do not fit the pinned block",
    "wrong_state": "answered from another block than the one it was asked for",
    "state_not_told": "cannot be asked from which block it answers",
    "header_not_recomputed": "the pinned block's fields do not hash to its name",
    "not_proved": "balances that were chosen to be proved are not",
    "no_node": "balances rest on index servers alone, which can leave a spend out",
    "headers_not_linked": "shows blocks that are not linked to the pinned one",
    "work_unchecked": "shows blocks whose proof of work could not be checked",
    "targets_unchecked": "shows blocks whose targets could not be checked",
    "known_block_not_met": "shows blocks that lead through none the registry knows",
    "flows_not_read": "movements around the pinned block are not known",
    "window_not_read": "balances or counts of transactions around the pinned block are not known",
    "beyond_last_index": "addresses after an expression's stated last index hold coins",
    "margin_not_read": "addresses after an expression's stated last index could not be read",
}
"""Every remark in words for people."""


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


def reading_remark(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """reading_remark/1: name every remark of some kinds about a source or a whole reading.

    Parameters: `codes`, of `chains.snapshot.RemarkCode`.
    """
    codes = parameters.words("codes")
    unknown = [code for code in codes if code not in REMARKS]
    if unknown:
        raise InputError(f"unknown remark: {unknown[0]!r}", f"remarks: {', '.join(REMARKS)}")
    found = tuple(
        _remark(chain.pin.chain, remark)
        for chain in case.snapshot.chains
        for remark in chain.remarks
        if remark.code in codes
    )
    return found or (Result("pass", "", "nothing of the kind was met"),)


def _remark(chain: ChainId, remark: Remark) -> Result:
    who = f"{remark.source} " if remark.source else ""
    detail = f": {remark.detail}" if remark.detail else ""
    return Result(
        "breach",
        f"{chain} {remark.source}".strip(),
        f"{who}{REMARKS[remark.code]} ({remark.count}){detail}",
        {"code": remark.code, "count": str(remark.count)},
    )


def state_proof(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """state_proof/1: on chains whose state can be proved, what was to be proved is.

    Parameters: none. Applies to chains of the registry with Ethereum's state trie.
    """
    del parameters
    found = tuple(
        _proved(chain.pin.chain, chain.proving)
        for chain in case.snapshot.chains
        if case.inputs.registry.chain(chain.pin.chain).state_trie == "ethereum"
    )
    return found or (Result("not_applicable", "", "no chain read is known to prove its state"),)


def _proved(chain: ChainId, proving: Proving | None) -> Result:
    if proving is None:
        return Result("breach", chain, "the pinned block has no state root to prove against")
    facts = {
        "planned": str(proving.planned),
        "wanted": str(proving.wanted),
        "proved": str(proving.proved),
        "seed_from": proving.seed_from,
    }
    text = f"{proving.proved} of {proving.wanted} balances that were chosen are proved"
    return Result("pass" if proving.proved >= proving.wanted else "breach", chain, text, facts)


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
