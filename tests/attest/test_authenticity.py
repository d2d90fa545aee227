from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import authenticity
from attest.apart import take_apart
from attest.authenticity import UNDECIDED, Judged, judge_signatures
from attest.errors import InvalidEnvelope
from attest.trust import Trust, TrustedKey, trust_key
from attest.verdict import CODES, Note
from config.trust import Requirements
from tests.attest.history.logs import key
from tests.attest.second import (
    AUDITOR,
    BLOCK,
    EXCHANGE,
    HOUR,
    PARENT,
    REGULATOR,
    Files,
    Said,
    authority,
    cosigned_by,
    countersigned_by,
    party,
    predicate_of,
    signed_small,
    stamped,
    trusting,
)

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.trust import Party

TODAY = BLOCK + 100 * HOUR
OTHER = key("a second key")


@pytest.fixture(scope="module")
def small(work: Work) -> Files:
    return signed_small(predicate_of(work))


@pytest.fixture(scope="module")
def reviewed(small: Files) -> Files:
    return countersigned_by(small, AUDITOR, "auditor")


def judge(files: Files, trust: Trust, today: int = TODAY, logged: int | None = None) -> Judged:
    return judge_signatures(take_apart(files), trust, today, logged=logged)


def codes(found: Judged) -> list[str]:
    return [note.code for note in found.reasons]


def asking(*parties: Party, authorities: tuple[str, ...] = (), **least: object) -> Trust:
    return trusting(*parties, authorities=authorities, require=Requirements(**least))  # type: ignore[arg-type]  # fields by name


def windowed(**window: object) -> Party:
    one = TrustedKey(EXCHANGE.public.keyid, **window)  # type: ignore[arg-type]  # fields by name
    return party("Exchange", one, roles=("attester",))


def test_a_trusted_signature_is_valid(small: Files) -> None:
    found = judge(small, trusting())

    assert ("valid", (), ()) == (found.authenticity, found.reasons, found.untrusted)
    assert [("Exchange", "attester", "signer")] == [
        (one.party, one.role, one.signed.label) for one in found.counted
    ]
    assert "valid" == judge(small, trust_key(EXCHANGE.public)).authenticity


@pytest.mark.parametrize(
    ("roles", "authentic"),
    [
        (("attester",), "valid"),
        (("auditor", "attester"), "valid"),
        (("auditor", "regulator", "observer", "challenger", "custodian"), "invalid"),
    ],
)
def test_only_an_attester_attests(small: Files, roles: tuple[str, ...], authentic: str) -> None:
    found = judge(small, trusting(party("Exchange", EXCHANGE, roles=roles)))

    assert authentic == found.authenticity
    if authentic == "invalid":
        assert ["no_trusted_signature"] == codes(found)
        assert (
            "Exchange signs as attester, and is trusted as auditor, reg" in found.reasons[0].detail
        )


def test_a_stranger_is_not_trusted(small: Files) -> None:
    found = judge(small, trust_key(AUDITOR.public))

    assert ("invalid", ["no_trusted_signature"], ()) == (
        found.authenticity,
        codes(found),
        found.counted,
    )
    assert EXCHANGE.public.keyid in found.reasons[0].detail


def test_a_co_signer_does_not_stand_for_the_entity_s_own_signature(small: Files) -> None:
    files = cosigned_by(small, PARENT, "parent")
    found = judge(files, trust_key(PARENT.public))

    assert ("invalid", ["no_trusted_signature"]) == (found.authenticity, codes(found))
    assert ["parent"] == [one.signed.label for one in found.counted]


def test_a_further_signature_of_a_stranger_is_said_and_takes_nothing(small: Files) -> None:
    found = judge(cosigned_by(small, PARENT, "parent"), trusting())

    assert ("valid", ()) == (found.authenticity, found.reasons)
    stranger = f"parent: signed by {PARENT.public.keyid}, which is not trusted"
    note = Note("signature_not_counted", f"no_trusted_signature: {stranger}")
    assert (note,) == found.untrusted


@pytest.mark.parametrize(
    ("window", "authentic", "code"),
    [
        ({"ends": TODAY}, "valid", None),
        ({"ends": TODAY - 1}, "indeterminate", "time_unproved"),
        ({"ends": 1}, "invalid", "key_expired"),
        ({"begins": TODAY + 1}, "invalid", "key_not_yet_valid"),
        ({"revoked": 1, "reason": "compromised"}, "invalid", "key_compromised"),
        ({"revoked": 1, "reason": "superseded"}, "invalid", "key_superseded"),
        ({"revoked": TODAY, "reason": "compromised"}, "indeterminate", "time_unproved"),
    ],
)
def test_the_key_s_window_decides(
    small: Files, window: dict[str, object], authentic: str, code: str | None
) -> None:
    found = judge(small, trusting(windowed(**window)))

    assert (authentic, [code] if code else []) == (found.authenticity, codes(found))
    if code:
        assert found.reasons[0].detail.startswith(f"signer: key {EXCHANGE.public.keyid}: ")
        assert () == found.counted


def test_a_stolen_key_is_saved_by_who_saw_it_before(small: Files) -> None:
    stolen = windowed(revoked=BLOCK + 2 * HOUR, reason="compromised")
    trust = trusting(stolen, authorities=("one",))
    early = stamped(small, "one", BLOCK + HOUR)
    late = stamped(small, "one", BLOCK + 3 * HOUR)

    assert ["valid", "indeterminate", "valid", "indeterminate"] == [
        judge(early, trust).authenticity,
        judge(late, trust).authenticity,
        judge(small, trust, logged=BLOCK + HOUR).authenticity,
        judge(small, trust, logged=BLOCK + 2 * HOUR).authenticity,
    ]


def test_a_stolen_key_of_a_co_signer_is_not_saved_by_the_log(small: Files) -> None:
    # The payload lay in the log before the theft, and the thief signs it today.
    files = cosigned_by(small, PARENT, "parent")
    one = TrustedKey(PARENT.public.keyid, revoked=BLOCK + 2 * HOUR, reason="compromised")
    trust = asking(party("Parent", one, roles=("attester",)), signatures={"attester": 2})
    found = judge(files, trust, logged=BLOCK + HOUR)

    assert ("indeterminate", ["threshold_not_met"]) == (found.authenticity, codes(found))
    assert ["signature_not_counted"] == [note.code for note in found.untrusted]


def test_a_stolen_key_and_one_lying_authority_are_not_enough_where_two_are_asked(
    small: Files,
) -> None:
    stolen = windowed(revoked=BLOCK + 2 * HOUR, reason="compromised")
    files = stamped(stamped(small, "one", BLOCK + HOUR), "two", TODAY)
    trust = asking(stolen, authorities=("one", "two"), timestamps=2)

    assert ("indeterminate", ["time_unproved", "timestamps_missing"]) == (
        judge(files, trust).authenticity,
        codes(judge(files, trust)),
    )


def test_parties_of_a_role_are_counted_and_not_keys(small: Files) -> None:
    twice = cosigned_by(small, OTHER, "again")
    one = party("Exchange", EXCHANGE, OTHER, roles=("attester",))
    two = (
        party("Exchange", EXCHANGE, roles=("attester",)),
        party("Parent", OTHER, roles=("attester",)),
    )
    alone = judge(twice, asking(one, signatures={"attester": 2}))

    assert ("indeterminate", ["threshold_not_met"]) == (alone.authenticity, codes(alone))
    assert "attester: 1 of 2 parties, Exchange" == alone.reasons[0].detail
    assert 2 == len(alone.counted)
    assert "valid" == judge(twice, asking(*two, signatures={"attester": 2})).authenticity
    assert "valid" == judge(twice, asking(*two, signatures={"attester": 1})).authenticity
    assert "indeterminate" == judge(twice, asking(*two, signatures={"attester": 3})).authenticity


def test_a_co_signature_is_no_countersignature_and_no_other_role_counts_it(small: Files) -> None:
    files = cosigned_by(small, AUDITOR, "auditor")
    trust = asking(party("Auditor", AUDITOR, roles=("auditor",)), signatures={"auditor": 1})
    found = judge(files, trust)

    assert ["threshold_not_met"] == codes(found)
    assert "auditor: 0 of 1 parties" == found.reasons[0].detail
    assert "Auditor signs as attester" in found.untrusted[0].detail


@pytest.mark.parametrize("role", ["auditor", "regulator", "observer"])
def test_a_countersignature_counts_for_the_role_it_is_signed_in(small: Files, role: str) -> None:
    said = Said(role)  # type: ignore[arg-type]  # one of three words
    files = countersigned_by(small, AUDITOR, "second", said)
    every = party("Reviewer", AUDITOR, roles=("observer", "regulator", "auditor"))
    only = party("Reviewer", AUDITOR, roles=("auditor",))
    met = {
        asked: judge(files, asking(every, signatures={asked: 1})).authenticity
        for asked in ("auditor", "regulator", "observer", "attester")
    }

    assert {one for one, found in met.items() if found == "valid"} == {role, "attester"}
    assert (role == "auditor") == (2 == len(judge(files, trusting(only)).counted))


@pytest.mark.parametrize("roles", [("attester",), ("attester", "auditor"), ("challenger",)])
def test_who_attests_or_has_another_role_countersigns_nothing(
    reviewed: Files, roles: tuple[str, ...]
) -> None:
    trust = asking(party("Auditor", AUDITOR, roles=roles), signatures={"auditor": 1})
    found = judge(reviewed, trust)

    assert ("indeterminate", ["threshold_not_met"]) == (found.authenticity, codes(found))
    assert [f"is trusted as {', '.join(roles)}" in found.untrusted[0].detail] == [True]


def test_the_entity_s_other_key_does_not_countersign_for_it(small: Files) -> None:
    files = countersigned_by(small, OTHER, "auditor")
    found = judge(files, asking(party("Exchange", EXCHANGE, OTHER, roles=("attester", "auditor"))))

    assert ("valid", ["signer"]) == (
        found.authenticity,
        [one.signed.label for one in found.counted],
    )


def test_who_signed_the_statement_with_another_key_is_not_independent(small: Files) -> None:
    # The auditor made the assertion his own under one key, and reports on it under another.
    files = countersigned_by(cosigned_by(small, AUDITOR, "b"), OTHER, "c")
    auditor = party("Auditor", AUDITOR, OTHER, roles=("auditor",))
    found = judge(files, asking(auditor, signatures={"auditor": 1}))

    assert ["threshold_not_met"] == codes(found)
    assert ["b: Auditor signs as attester, and is trusted as auditor",
            "c: Auditor signed the statement itself"] == [
        note.detail.removeprefix("no_trusted_signature: ") for note in found.untrusted
    ]  # fmt: skip


@pytest.mark.parametrize("trusted", [True, False])
def test_a_key_that_signed_the_statement_countersigns_nothing(
    small: Files, *, trusted: bool
) -> None:
    files = countersigned_by(cosigned_by(small, AUDITOR, "b"), AUDITOR, "c")
    parties = (party("Auditor", AUDITOR, roles=("auditor",)),) if trusted else ()
    found = judge(files, trusting(*parties))

    assert ("invalid", ["not_independent"]) == (found.authenticity, codes(found))
    assert f"c: key {AUDITOR.public.keyid} signed the statement itself" == found.reasons[0].detail


def test_a_revoked_auditor_does_not_count(reviewed: Files) -> None:
    one = TrustedKey(AUDITOR.public.keyid, revoked=1, reason="compromised")
    trust = asking(party("Auditor", one, roles=("auditor",)), signatures={"auditor": 1})
    found = judge(reviewed, trust, logged=0)

    assert ["timestamp_before_block", "threshold_not_met"] == codes(found)
    assert found.untrusted[0].detail.startswith("key_compromised: auditor: key ")


def test_two_authorities_are_asked_for_and_one_is_counted_once(small: Files) -> None:
    trust = asking(authorities=("one", "two"), timestamps=2)
    once = stamped(small, "one", BLOCK + HOUR)
    again = stamped(once, "one", BLOCK + 2 * HOUR, file="again")
    both = stamped(once, "two", BLOCK + 2 * HOUR)

    for files in (once, again):
        found = judge(files, trust)
        assert ("indeterminate", ["timestamps_missing"]) == (found.authenticity, codes(found))
        assert "1 of 2 authorities, one" == found.reasons[0].detail
    assert "valid" == judge(both, trust).authenticity
    assert "0 of 2 authorities" == judge(small, trust).reasons[0].detail


def test_tokens_over_other_signatures_are_not_counted_for_the_entity(small: Files) -> None:
    files = countersigned_by(cosigned_by(small, PARENT, "parent"), AUDITOR, "auditor")
    for label in ("parent", "auditor"):
        files = stamped(files, "one", BLOCK + HOUR, label=label)
    trust = asking(
        party("Parent", PARENT, roles=("attester",)),
        party("Auditor", AUDITOR, roles=("auditor",)),
        authorities=("one",),
        timestamps=1,
    )

    assert ["timestamps_missing"] == codes(judge(files, trust))


def test_timestamps_of_an_entity_that_does_not_count_are_missing(small: Files) -> None:
    files = stamped(small, "one", BLOCK + HOUR)
    trust = asking(windowed(ends=1), authorities=("one",), timestamps=1)

    assert ["key_expired", "timestamps_missing"] == codes(judge(files, trust))


def test_a_token_of_a_stranger_decides_nothing(small: Files) -> None:
    found = judge(stamped(small, "stranger", BLOCK + HOUR), trusting(authorities=("one",)))

    assert ("valid", ["timestamp_untrusted"]) == (found.authenticity, codes(found))


def test_a_token_before_the_block_leaves_it_open(small: Files) -> None:
    found = judge(stamped(small, "one", BLOCK - 3 * HOUR), trusting(authorities=("one",)))

    assert ("indeterminate", ["timestamp_before_block"]) == (found.authenticity, codes(found))


def test_a_broken_token_of_a_pinned_authority_is_a_fault(small: Files) -> None:
    known = replace(authority("one")[1], policy="1.2.3.9")

    with pytest.raises(InvalidEnvelope):
        judge(stamped(small, "one", BLOCK + HOUR), replace(trusting(), authorities=(known,)))


def test_everything_that_is_missing_is_named(reviewed: Files) -> None:
    asked = asking(
        windowed(ends=TODAY - 1),
        signatures={"attester": 1, "auditor": 1, "regulator": 1},
        timestamps=1,
    )
    parts = take_apart(reviewed)
    found = judge_signatures(parts, asked, TODAY, (Note("too_old", ""), Note("trust_stale", "")))

    assert [
        "time_unproved",
        *["threshold_not_met"] * 3,
        "timestamps_missing",
        "too_old",
        "trust_stale",
    ] == codes(found)
    assert "indeterminate" == found.authenticity


def test_what_contradicts_outweighs_what_is_missing(small: Files) -> None:
    parts = take_apart(small)
    for code, expected in (("anything_unknown", "invalid"), ("too_old", "indeterminate")):
        required = (Note("scope_missing", ""), Note(code, ""))
        assert expected == judge_signatures(parts, trusting(), TODAY, required).authenticity


def test_a_reason_is_open_only_if_it_is_listed_as_that() -> None:
    assert set() == UNDECIDED - set(CODES)
    fatal = {"not_independent", "no_trusted_signature", "key_expired", "key_not_yet_valid"}
    assert set() == UNDECIDED & {*fatal, "key_compromised", "key_superseded", "wallet_key"}
    assert "timestamp_untrusted" not in authenticity.UNDECIDED


def test_a_regulator_and_an_auditor_are_counted_apart(small: Files) -> None:
    files = countersigned_by(small, AUDITOR, "a")
    files = countersigned_by(files, REGULATOR, "r", Said("regulator"))
    parties = (
        party("Auditor", AUDITOR, roles=("auditor",)),
        party("Agency", REGULATOR, roles=("regulator",)),
    )
    found = judge(files, asking(*parties, signatures={"auditor": 1, "regulator": 1}))

    assert "valid" == found.authenticity
    assert [("Exchange", "attester"), ("Auditor", "auditor"), ("Agency", "regulator")] == [
        (one.party, one.role) for one in found.counted
    ]
    short = judge(files, asking(*parties, signatures={"auditor": 2}))
    assert ["threshold_not_met"] == codes(short)


@pytest.mark.parametrize(
    ("entity", "lei", "counts"),
    [
        (None, None, True),
        ("Example Exchange", None, True),
        ("Another Exchange", None, False),
        (None, "5493001KJTIIGC8Y1R12", False),
    ],
)
def test_a_party_signs_for_its_own_entity_alone(
    small: Files, entity: str | None, lei: str | None, *, counts: bool
) -> None:
    whose = replace(party("exchange", EXCHANGE, roles=("attester",)), entity=entity, lei=lei)
    found = judge(small, Trust((whose,)))

    assert counts == bool(found.counted)
    assert ([] if counts else ["no_trusted_signature"]) == codes(found)
