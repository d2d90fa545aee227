from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.apart import take_apart
from attest.history.log import prove_entry
from attest.history.proof import read_log_proof, write_log_proof
from attest.history.reasons import HISTORY_REASONS
from attest.linked import FATAL, History, judge_history
from attest.verdict import CODES
from config.trust import HistoryTable
from tests.attest.history.logs import ORIGIN, TRUST, digests, key, log_of, witnessed_by
from tests.attest.second import BLOCK, Files, logged, predicate_of, series, signed_small
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.history.placement import LogTrust
    from attest.pipeline import Work

KNOWN, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture(scope="module")
def numbered(work: Work) -> Callable[..., Files]:
    """Make the statement of a number, after another or after none."""

    def make(number: int, previous: str | None = None) -> Files:
        return signed_small(predicate_of(work, series=series(number, previous)))

    return make


@pytest.fixture(scope="module")
def first(numbered: Callable[..., Files]) -> Files:
    return numbered(1)


def judge(
    files: Files,
    previous: str | None = None,
    last: tuple[int, str] | None = None,
    log: LogTrust | None = None,
    *,
    wanted: bool = False,
) -> History:
    remembered = None if last is None else HistoryTable(*last)
    return judge_history(take_apart(files), previous, remembered, log, wanted=wanted)


def codes(found: History) -> list[str]:
    return [note.code for note in found.notes]


def test_without_anything_known_history_is_not_asked_for(first: Files) -> None:
    assert History(False, (), "not asked for") == judge(first)
    assert (False, False) == (judge(first).reached, judge(first).contradicted)


def test_history_that_is_wanted_and_cannot_be_known_is_not_reached(first: Files) -> None:
    found = judge(first, wanted=True)

    assert (True, False, False) == (found.asked, found.reached, found.contradicted)
    assert ["history_unknown"] == codes(found)
    assert "nothing to compare with" == found.said


def test_wanting_adds_nothing_where_something_is_known(numbered: Callable[..., Files]) -> None:
    files = numbered(2, KNOWN)

    for known in ({"previous": KNOWN}, {"last": (1, KNOWN)}):
        assert judge(files, **known) == judge(files, **known, wanted=True)
        assert judge(files, **known).reached


@pytest.mark.parametrize(
    ("number", "previous", "expected", "code"),
    [
        (2, KNOWN, KNOWN, None),
        (2, KNOWN, KNOWN.upper(), None),
        (2, KNOWN, OTHER, "history_rewritten"),
        (1, None, KNOWN, "history_rewritten"),
        (2, None, KNOWN, "history_gap"),
    ],
)
def test_the_statement_before_is_the_expected_one(
    numbered: Callable[..., Files],
    number: int,
    previous: str | None,
    expected: str,
    code: str | None,
) -> None:
    found = judge(numbered(number, previous), previous=expected)

    assert ([code] if code else []) == codes(found)
    assert (code is None) == found.reached
    assert (code == "history_rewritten") == found.contradicted
    if code:
        assert expected.lower() in found.notes[0].detail


@pytest.mark.parametrize(
    ("number", "previous", "last", "code"),
    [
        (6, KNOWN, (5, KNOWN), None),
        (6, KNOWN, (5, KNOWN.upper()), None),
        (6, OTHER, (5, KNOWN), "history_rewritten"),
        (6, None, (5, KNOWN), "history_gap"),
        (7, KNOWN, (5, KNOWN), "history_gap"),
        (5, KNOWN, (5, KNOWN), "history_forked"),
        (4, KNOWN, (5, KNOWN), "history_older"),
        (1, None, (1, KNOWN), "history_forked"),
    ],
)
def test_a_statement_stands_where_the_last_one_known_says(
    numbered: Callable[..., Files],
    number: int,
    previous: str | None,
    last: tuple[int, str],
    code: str | None,
) -> None:
    found = judge(numbered(number, previous), last=last)

    assert ([code] if code else []) == codes(found)
    assert (code is None) == found.reached
    assert (code in {"history_rewritten", "history_forked"}) == found.contradicted


def test_what_is_known_of_another_series_is_nothing(numbered: Callable[..., Files]) -> None:
    parts = take_apart(numbered(2, KNOWN))
    own = parts.predicate.series.id
    notes = {
        name: [one.code for one in judge_history(parts, None, table, None).notes]
        for name, table in {
            "own": HistoryTable(1, KNOWN, own),
            "another": HistoryTable(1, KNOWN, "another"),
        }.items()
    }

    assert {"own": [], "another": ["history_unknown"]} == notes


def test_the_last_one_known_verifies_again(numbered: Callable[..., Files]) -> None:
    files = numbered(6, KNOWN)
    digest = take_apart(files).digest

    for spelled in (digest, digest.upper()):
        assert judge(files, last=(6, spelled)).reached
    fork = judge(files, last=(6, KNOWN)).notes[0].detail
    assert f"number 6: {digest} here, {KNOWN} known" == fork


def test_an_older_statement_is_none_that_history_reaches(first: Files) -> None:
    found = judge(first, last=(2, KNOWN))

    assert ["history_older"] == codes(found)
    assert "number 1, the last one known is 2" == found.notes[0].detail
    assert not found.reached


def test_a_digest_that_is_given_and_one_that_is_remembered_must_both_agree(
    numbered: Callable[..., Files],
) -> None:
    files = numbered(6, KNOWN)

    assert judge(files, previous=KNOWN, last=(5, KNOWN)).reached
    assert ["history_rewritten"] == codes(judge(files, previous=OTHER, last=(5, KNOWN)))
    assert ["history_rewritten"] == codes(judge(files, previous=KNOWN, last=(5, OTHER)))
    assert 2 * ["history_rewritten"] == codes(judge(files, previous=OTHER, last=(5, OTHER)))
    assert ["history_gap"] == codes(judge(files, previous=KNOWN, last=(4, KNOWN)))


def test_what_was_found_is_said_in_words(numbered: Callable[..., Files], first: Files) -> None:
    assert f"after {KNOWN}" == judge(numbered(2, KNOWN), previous=KNOWN).said
    assert "first of its series" == judge(first, last=(1, take_apart(first).digest)).said


def test_a_payload_in_a_log_that_is_known_is_reached(first: Files) -> None:
    files = logged(first, ("a", BLOCK + 5), ("b", BLOCK + 9))
    unwitnessed = judge(files, log=TRUST)
    both = judge(files, log=witnessed_by("a", "b", quorum=2))

    assert (True, None) == (unwitnessed.reached, unwitnessed.logged)
    place = f"first of its series; entry 2 of 3 in log {ORIGIN}"
    assert f"{place}, witnessed by nobody" == unwitnessed.said
    assert both.reached
    assert both.said.endswith("witnessed by a, b")


@pytest.mark.parametrize(
    ("quorum", "expected"), [(0, None), (1, BLOCK + 5), (2, BLOCK + 7), (3, BLOCK + 9)]
)
def test_the_log_s_time_is_when_the_quorum_had_seen_it(
    first: Files, quorum: int, expected: int | None
) -> None:
    files = logged(first, ("b", BLOCK + 9), ("a", BLOCK + 5), ("c", BLOCK + 7))

    assert expected == judge(files, log=witnessed_by("a", "b", "c", quorum=quorum)).logged


def test_too_few_witnesses_leave_history_open_and_give_no_time(first: Files) -> None:
    found = judge(logged(first, ("a", BLOCK)), log=witnessed_by("a", "b", quorum=2))

    assert (["witnesses_missing"], None) == (codes(found), found.logged)
    assert (False, False) == (found.reached, found.contradicted)


def test_a_bundle_without_a_proof_of_the_log_lacks_it(first: Files) -> None:
    found = judge(first, log=TRUST)

    assert (["log_missing"], False, False) == (codes(found), found.reached, found.contradicted)
    assert ORIGIN in found.notes[0].detail


def test_a_proof_of_another_log_is_none(first: Files) -> None:
    digest = bytes.fromhex(take_apart(first).digest)
    forged = log_of((*digests(1), digest), key("forger"))
    files = in_memory(
        bundle.added(first, {"log/0001.tlog-proof": write_log_proof(prove_entry(forged, digest))})
    )

    found = judge(files, log=TRUST)

    assert (["log_untrusted"], False, False) == (codes(found), found.reached, found.contradicted)


def test_a_forged_signature_of_the_log_contradicts(first: Files) -> None:
    files = logged(first)
    name = "log/0001.tlog-proof"
    whole = read_log_proof(files[name])
    text, _, mark = whole.checkpoint.rstrip(b"\n").rpartition(b" ")
    # The last bits before the padding are of the signature itself.
    broken = mark[:30] + (b"A" if mark[30:31] != b"A" else b"B") + mark[31:]
    forged = files[name].replace(text + b" " + mark, text + b" " + broken)
    assert forged != files[name]
    found = judge(in_memory(bundle.listed({**files, name: forged})), log=TRUST)

    assert (["bad_log_signature"], True) == (codes(found), found.contradicted)


def test_a_log_does_not_make_up_for_what_is_remembered(numbered: Callable[..., Files]) -> None:
    files = logged(numbered(1))
    found = judge(files, last=(1, KNOWN), log=TRUST)

    assert (["history_forked"], True, False) == (codes(found), found.contradicted, found.reached)
    assert ["history_older"] == codes(judge(files, last=(2, KNOWN), log=TRUST))


def test_what_contradicts_is_a_reason_that_is_known() -> None:
    assert set() == FATAL - set(CODES)
    assert set() == FATAL & {"history_gap", "history_older", "log_missing", "witnesses_missing"}
    assert set(HISTORY_REASONS) & FATAL == {"bad_log_signature", "not_in_log", "log_rewritten"}
