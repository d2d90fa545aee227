"""History, as a verifier can check it: the link he remembers, and the log that he knows. Pure.

He who keeps the digest of the last statement he saw finds every rewrite of what came before; he who
knows a log and its witnesses finds one that no single reader was shown. Either is L2. What he
remembers and the statement contradicts is a reason against the bundle, with both digests; what is
missing, such as a statement between, leaves it at L1.

What he gives is compared each for itself, and all of it must agree. A log shows that a payload is
in it, and since when. That no other payload of the same number is in it too, no proof shows: that
is for whoever watches the whole log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.verdict import Note

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.history.placement import LogTrust
    from config.trust import HistoryTable

FATAL = frozenset(
    {"history_rewritten", "history_forked", "bad_log_signature", "not_in_log", "log_rewritten"}
)
"""Reasons that contradict, rather than lack something."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the statements before."""

    asked: bool
    """Whether the verifier has anything to compare with."""
    notes: tuple[Note, ...]
    said: str
    """What was found, in words."""
    logged: int | None = None
    """When the witnesses had seen the payload's digest, the latest that the quorum needs."""

    @property
    def reached(self) -> bool:
        """Tell whether history was asked for and found to hold."""
        return self.asked and not self.notes

    @property
    def contradicted(self) -> bool:
        """Tell whether a note speaks against the bundle."""
        return any(note.code in FATAL for note in self.notes)


def judge_history(
    parts: Parts,
    previous: str | None,
    last: HistoryTable | None,
    log: LogTrust | None,
    *,
    wanted: bool = False,
) -> History:
    """Compare a statement with what the verifier knows of its series.

    Args:
        parts: the bundle.
        previous: SHA-256 of the payload that must stand before it, hex; None: not asked.
        last: the last statement that he saw; None: he remembers none.
        log: the log that he knows; None: none.
        wanted: whether he requires history whatever he knows.
    """
    linked = () if previous is None else _previous(parts, previous.lower())
    remembered = () if last is None else _last(parts, last)
    placed, logged, said = ((), None, "") if log is None else _placed(parts, log)
    asked = not (previous is None and last is None and log is None)
    if wanted and not asked:
        note = Note(
            "history_unknown", "give --expect-previous, or [history] or [log] of trust.toml"
        )
        return History(True, (note,), "nothing to compare with")
    before = parts.predicate.series.previous
    link = "first of its series" if before is None else f"after {before.payload_sha256}"
    words = f"{link}{said}" if asked else "not asked for"
    return History(asked, (*linked, *remembered, *placed), words, logged)


def _previous(parts: Parts, expected: str) -> tuple[Note, ...]:
    series = parts.predicate.series
    if series.previous is None:
        said = f"number {series.sequence} names no statement before it, expected {expected}"
        code = "history_rewritten" if series.sequence == "1" else "history_gap"
        return (Note(code, said),)
    met = series.previous.payload_sha256
    if met != expected:
        said = f"number {series.sequence} stands after {met}, expected {expected}"
        return (Note("history_rewritten", said),)
    return ()


def _last(parts: Parts, last: HistoryTable) -> tuple[Note, ...]:
    series = parts.predicate.series
    if last.series not in {None, series.id}:
        said = f"known is series {last.series}, the statement is of {series.id}"
        return (Note("history_unknown", said),)
    number, known = int(series.sequence), last.payload.lower()
    if number == last.sequence:
        if parts.digest == known:
            return ()
        return (Note("history_forked", f"number {number}: {parts.digest} here, {known} known"),)
    if number < last.sequence:
        return (Note("history_older", f"number {number}, the last one known is {last.sequence}"),)
    if number > last.sequence + 1:
        said = f"number {number} follows {last.sequence}: what stands between was not seen"
        return (Note("history_gap", said),)
    return _previous(parts, known)


def _placed(parts: Parts, log: LogTrust) -> tuple[tuple[Note, ...], int | None, str]:
    from attest.history.placement import check_log_proof  # noqa: PLC0415 - for who knows a log

    if parts.proof is None:
        return (Note("log_missing", f"no proof of log {log.origin} lies in the bundle"),), None, ""
    try:
        placed = check_log_proof(parts.proof, bytes.fromhex(parts.digest), log)
    except InvalidHistory as error:
        return (Note(error.reason, error.what),), None, ""
    times = sorted(time for _, time in placed.witnessed)
    logged = times[log.quorum - 1] if log.quorum else None
    names = ", ".join(name for name, _ in placed.witnessed) or "nobody"
    said = f"; entry {placed.index} of {placed.size} in log {log.origin}, witnessed by {names}"
    return (), logged, said
