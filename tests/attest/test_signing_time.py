from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.apart import take_apart
from attest.errors import InvalidEnvelope
from attest.signing_time import BLOCK_AHEAD, Made, counting, made, standing
from attest.trust import TrustedKey
from config.trust import Requirements
from tests.attest.second import (
    AUDITOR,
    BLOCK,
    EXCHANGE,
    HOUR,
    PARENT,
    Files,
    authority,
    cosigned_by,
    countersigned_by,
    logged,
    party,
    predicate_of,
    signed_small,
    stamped,
    trusting,
)
from tests.attest.timestamps import tsa
from tests.attest.timestamps.stamped import stamp

if TYPE_CHECKING:
    from pathlib import Path

    from attest.pipeline import Work
    from attest.trust import Trust

TODAY = BLOCK + 100 * HOUR
T1, T2 = BLOCK + HOUR, BLOCK + 2 * HOUR
BOTH = ("one", "two")


@pytest.fixture(scope="module")
def small(work: Work) -> Files:
    return signed_small(predicate_of(work))


def of(
    files: Files,
    trust: Trust | None = None,
    label: str = "signer",
    logged: int | None = None,
    today: int = TODAY,
) -> Made:
    parts = take_apart(files)
    (one,) = (it for it in (*parts.signatures, *parts.countersignatures) if it.label == label)
    return made(one, parts, trust or trusting(authorities=BOTH), today, logged)


def test_without_a_token_a_signature_is_of_the_time_between_block_and_today(small: Files) -> None:
    assert Made(BLOCK - BLOCK_AHEAD, TODAY, (), ()) == of(small)


def test_a_statement_without_blocks_could_be_of_any_time(work: Work) -> None:
    bare = predicate_of(work)
    files = signed_small(replace(bare, as_of=replace(bare.as_of, anchors=())))

    assert Made(-BLOCK_AHEAD, TODAY, (), ()) == of(files)


def test_a_real_authority_is_believed(small: Files, tmp_path: Path) -> None:
    from attest import bundle  # noqa: PLC0415 - for this alone

    real = tsa.start(tmp_path / "real")
    token = stamp(real, take_apart(small).signer.signature)
    files = {
        name: bytes(data)
        for name, data in bundle.added(small, {"time/0001.signer.x.tsr": token}).items()
    }
    trust = replace(trusting(), authorities=(real.authority,))
    found = of(files, trust, today=2**33)

    assert ("real",) == found.stamped_by
    assert abs(found.before - int(tsa.NOW.timestamp())) < 2 * HOUR


def test_the_earliest_authority_tells_when_one_is_enough(small: Files) -> None:
    files = stamped(stamped(small, "one", T2), "two", T1)

    assert Made(BLOCK - BLOCK_AHEAD, T1, BOTH) == of(files)


@pytest.mark.parametrize(("required", "before"), [(0, T1), (1, T1), (2, T2), (3, T2)])
def test_of_authorities_as_many_as_are_required_have_to_agree(
    small: Files, required: int, before: int
) -> None:
    files = stamped(stamped(small, "one", T1), "two", T2)
    trust = trusting(authorities=BOTH, require=Requirements(timestamps=required))

    assert before == of(files, trust).before


def test_several_tokens_of_one_authority_are_one_voice_with_its_earliest_time(small: Files) -> None:
    files = stamped(stamped(small, "one", T2), "one", T1, file="again")
    found = of(files, trusting(authorities=BOTH, require=Requirements(timestamps=2)))

    assert (("one",), T1) == (found.stamped_by, found.before)


def test_a_token_over_another_party_s_signature_says_nothing_of_this_one(small: Files) -> None:
    files = stamped(cosigned_by(small, PARENT, "parent"), "one", T1, label="parent")

    assert ((), TODAY) == (of(files).stamped_by, of(files).before)
    assert (("one",), T1) == (
        of(files, label="parent").stamped_by,
        of(files, label="parent").before,
    )


def test_a_token_of_nobody_known_is_named_and_moves_nothing(small: Files) -> None:
    found = of(stamped(small, "stranger", T1))

    assert (TODAY, ()) == (found.before, found.stamped_by)
    assert [("timestamp_untrusted", True)] == [
        (note.code, "time/0001.signer.stranger.tsr" in note.detail) for note in found.notes
    ]


def test_a_token_under_a_pinned_certificate_that_does_not_verify_is_a_fault(small: Files) -> None:
    _, known = authority("one")
    other = replace(trusting(), authorities=(replace(known, policy="1.2.3.9"),))

    with pytest.raises(InvalidEnvelope, match=r"0001\.signer\.one\.tsr: policy") as met:
        of(stamped(small, "one", T1), other)
    assert "timestamp_policy" == met.value.reason


def test_a_log_speaks_for_the_entity_s_own_signature_alone(small: Files) -> None:
    files = countersigned_by(cosigned_by(small, PARENT, "parent"), AUDITOR, "auditor")

    # A thief of another key could sign today what has lain in the log for long.
    assert [T1, TODAY, TODAY] == [
        of(files, label=label, logged=T1).before for label in ("signer", "parent", "auditor")
    ]


def test_a_verifier_who_looks_earlier_than_a_token_believes_his_clock(small: Files) -> None:
    files = stamped(small, "one", T2)

    assert (T1, ()) == (of(files, today=T1).before, of(files, today=T1).notes)


@pytest.mark.parametrize(("time", "said"), [(0, False), (-1, True)])
def test_a_time_before_the_blocks_is_said(small: Files, time: int, said: bool) -> None:  # noqa: FBT001 - a case
    at = BLOCK - BLOCK_AHEAD + time
    by_log = of(logged(small, ("w", at)), logged=at)
    by_token = of(stamped(small, "one", at))
    expected = ["timestamp_before_block"] if said else []

    assert expected == [note.code for note in by_log.notes]
    assert expected == [note.code for note in by_token.notes]


def test_one_token_before_the_blocks_is_said_whatever_the_others_say(small: Files) -> None:
    files = stamped(stamped(small, "one", BLOCK - BLOCK_AHEAD - 1), "two", T2)
    found = of(files, trusting(authorities=BOTH, require=Requirements(timestamps=2)))

    assert ["timestamp_before_block"] == [note.code for note in found.notes]


def test_a_clock_that_is_behind_says_nothing_against_a_statement(small: Files) -> None:
    for files in (small, stamped(small, "one", T1)):
        found = of(files, today=0)
        assert (0, ()) == (found.before, found.notes)


AFTER, BEFORE = 1000, 2000
WHEN = Made(AFTER, BEFORE, ())


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({}, None),
        ({"begins": BEFORE}, None),
        ({"begins": BEFORE + 1}, "key_not_yet_valid"),
        ({"ends": BEFORE}, None),
        ({"ends": BEFORE - 1}, "time_unproved"),
        ({"ends": AFTER}, "time_unproved"),
        ({"ends": AFTER - 1}, "key_expired"),
        ({"revoked": BEFORE + 1, "reason": "superseded"}, None),
        ({"revoked": BEFORE, "reason": "superseded"}, "time_unproved"),
        ({"revoked": AFTER + 1, "reason": "superseded"}, "time_unproved"),
        ({"revoked": AFTER, "reason": "superseded"}, "key_superseded"),
        ({"revoked": BEFORE + 1, "reason": "compromised"}, None),
        ({"revoked": BEFORE, "reason": "compromised"}, "time_unproved"),
        ({"revoked": AFTER, "reason": "compromised"}, "key_compromised"),
        ({"ends": AFTER - 1, "revoked": BEFORE, "reason": "compromised"}, "key_expired"),
        ({"ends": BEFORE, "revoked": AFTER, "reason": "compromised"}, "key_compromised"),
        ({"begins": 0, "ends": BEFORE, "revoked": BEFORE + 1, "reason": "superseded"}, None),
    ],
)
def test_a_key_counts_to_the_second(window: dict[str, object], code: str | None) -> None:
    note = standing(TrustedKey("0" * 64, **window), WHEN)  # type: ignore[arg-type]  # fields by name

    assert code == (None if note is None else note.code)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"ends": BEFORE - 1}, "key_expired: it counted until 1970-01-01T00:33:19Z"),
        (
            {"ends": BEFORE - 1, "revoked": BEFORE - 1, "reason": "compromised"},
            "key_compromised: it counted until 1970-01-01T00:33:18Z",
        ),
    ],
)
def test_what_ends_first_is_what_is_said(window: dict[str, object], said: str) -> None:
    note = standing(TrustedKey("0" * 64, **window), WHEN)  # type: ignore[arg-type]  # fields by name

    assert note is not None
    assert note.detail.startswith(said)


def test_keys_that_did_not_count_then_are_left_out() -> None:
    ended = TrustedKey(PARENT.public.keyid, ends=T1 - 1)
    stolen = TrustedKey(AUDITOR.public.keyid, revoked=T1 + 1, reason="compromised")
    trust = trusting(party("Custodian", ended, stolen, roles=("custodian",)), tolerance="0.5")

    assert {EXCHANGE.public.keyid} == counting(trust, T1).attesters
    assert [(), (AUDITOR.public.keyid,), (ended.keyid, stolen.keyid)] == [
        tuple(key.keyid for key in counting(trust, at).parties[1].keys) for at in (T2, T1, T1 - 1)
    ]
    assert "0.5" == counting(trust, T1).tolerance
