"""What a reading shows beside its balances: proofs that are missing, answers amiss. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chains.evidence import Exchange
from chains.evm.proving import PROOF_METHOD
from chains.snapshot import Remark

if TYPE_CHECKING:
    from chains.evm.voices import Voice
    from chains.index import IndexedLog
    from chains.snapshot import Proving

BAD_PROOF = "bad_proof"


def remarks_on(voices: tuple[Voice, ...], proving: Proving | None) -> tuple[Remark, ...]:
    """List what balances alone do not show, source by source, then of the whole."""
    found = [remark for voice in voices for remark in _of_source(voice)]
    if proving is None:
        found.append(Remark("header_not_recomputed", "", 1))
    elif proving.proved < proving.wanted:
        found.append(Remark("not_proved", "", proving.wanted - proving.proved))
    return tuple(found)


def refused_proofs(log: IndexedLog) -> Counter[str]:
    """Count the proofs a source was asked for and did not give, by error code."""
    found: Counter[str] = Counter()
    for entry in log.log.entries:
        if entry.call.method != PROOF_METHOD:
            continue
        if not isinstance(entry, Exchange):
            found.update(code for _, code in entry.errors)
        elif entry.error is not None:
            found[entry.error] += 1
    return found


def _of_source(voice: Voice) -> list[Remark]:
    name, told = voice.log.name, Counter(voice.remarks)
    found = [Remark(code, name, count) for code, count in sorted(told.items())]
    refused = refused_proofs(voice.log)
    bad = refused.pop(BAD_PROOF, 0)
    found += [Remark("bad_proof", name, bad)] if bad else []
    found += [Remark("no_proofs", name, refused.total())] if refused else []
    return found
