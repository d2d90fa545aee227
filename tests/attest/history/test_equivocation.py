from __future__ import annotations

from attest.history.equivocation import Equivocation, equivocation
from tests.attest.history.logs import TRUST, cosigned, digests, key, log_of, refused

ENTRIES = digests(5)
OTHERS = (*ENTRIES[:2], *digests(1, "other"), *ENTRIES[3:])
ONE, OTHER = log_of(ENTRIES), log_of(OTHERS)


def test_two_roots_of_one_size_are_evidence_by_themselves() -> None:
    roots = (ONE.checkpoint.head.root, OTHER.checkpoint.head.root)

    assert Equivocation(ONE.signed, OTHER.signed, 5, roots, ()) == equivocation(
        ONE.signed, OTHER.signed, TRUST
    )


def test_of_two_sizes_the_entries_of_the_larger_show_it() -> None:
    small = log_of(ENTRIES[:3])
    found = equivocation(OTHER.signed, small.signed, TRUST, OTHERS)

    roots = (small.checkpoint.head.root, log_of(OTHERS[:3]).checkpoint.head.root)
    assert Equivocation(small.signed, OTHER.signed, 3, roots, OTHERS) == found


def test_one_history_is_no_equivocation() -> None:
    small = log_of(ENTRIES[:3])

    assert equivocation(small.signed, ONE.signed, TRUST, ENTRIES) is None
    assert equivocation(ONE.signed, cosigned(ONE, "w").signed, TRUST) is None


def test_without_the_right_entries_nothing_is_said_of_two_sizes() -> None:
    small = log_of(ENTRIES[:3])

    refused("malformed_log", equivocation, small.signed, OTHER.signed, TRUST)
    refused("malformed_log", equivocation, small.signed, OTHER.signed, TRUST, ENTRIES)
    refused("malformed_log", equivocation, small.signed, OTHER.signed, TRUST, OTHERS[:4])


def test_what_the_log_did_not_sign_is_no_evidence_against_it() -> None:
    forged = log_of(OTHERS, key("thief"))

    refused("log_untrusted", equivocation, ONE.signed, forged.signed, TRUST)
