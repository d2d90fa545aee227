from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attest import bundle
from attest.carried import read_earlier, refuse_later
from attest.challenges import write_challenges
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.envelope import seal
from attest.inputs import INPUTS
from attest.keys import load_signing, new_key
from attest.pipeline import work_through
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from chains.families import ChainAddresses
from config.claims import Reading
from config.errors import InputError
from proofs.schemes import SCHEMES
from tests.attest.earlier import DAY, FOLDER, carrying, claims, earlier, rows_of, texts
from tests.examples import make, wallet

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

    Example: TypeAlias = tuple[dict[str, bytes], Criteria]

ACCOUNT = "anvil:0x4b21Feac2185d3062c4757e6D03c363206041718"
"""The example's second account, a cold one; its key has the number 1."""
ID = ACCOUNT.replace("anvil", "eip155:31337")


def month_old(work: Work, key: SigningKey, **change: Any) -> dict[str, bytes]:  # noqa: ANN401 - fields by name
    """A statement of thirty days ago, whose texts were issued a day before it."""
    as_of = work.case.as_of - 30 * DAY
    return earlier(work, key, **{"issued_at": as_of - DAY, "as_of": as_of, **change})


def worked(
    example: Example,
    folders: dict[str, dict[str, bytes]],
    without: tuple[str, ...] = (ACCOUNT,),
    parameters: str = "",
) -> Work:
    return work_through(carrying(example[0], folders, without, parameters), example[1], tool())


def band(made: Work, account: str = ID) -> set[str]:
    return {one.band for one in made.case.positions if one.account == account}


def findings(made: Work, code: str) -> list[tuple[str, str]]:
    found = made.predicate.findings.in_force
    return [(one.status, one.text) for one in found if one.code == code]


def test_a_carried_control_counts_as_any_other(
    example: Example, work: Work, signer: SigningKey
) -> None:
    made = month_old(work, signer)
    without, carried = worked(example, {}), worked(example, {FOLDER: made})
    digest = hashlib.sha256(made["payload.json"]).hexdigest()

    assert ({"observed"}, {"controlled"}) == (band(without), band(carried))
    own = [one for one in carried.case.controls if not one.carried]
    (counted,) = [one for one in carried.case.controls if one.carried and one.grade]
    assert work.case.controls[0] in own
    assert (digest, ID, "B", "proved") == (
        counted.carried,
        counted.account,
        counted.grade,
        counted.outcome,
    )
    (record,) = carried.predicate.carried
    assert (digest, signer.public.keyid, "9", "1") == (
        record.sha256,
        record.keyid,
        record.claims,
        record.proved,
    )
    assert () == without.predicate.carried
    table = rows_of(bytes(carried.subjects["report/controls.csv"]))
    assert {"", digest} == {row["carried"] for row in table}
    assert digest in bytes(carried.subjects["report/report.md"]).decode()


def test_the_folder_travels_in_the_bundle_and_is_verified_with_it(
    example: Example, work: Work, signer: SigningKey
) -> None:
    carried = worked(example, {FOLDER: month_old(work, signer)})
    files = bundle.sign(bundle.draft(carried), signer)
    names = {one.name for one in carried.predicate.inputs}
    trust = trust_key(signer.public)
    own = Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True)
    met = verify(files, own)

    assert {f"{FOLDER}/claims.csv", f"{FOLDER}/signer.pub.pem"} <= names
    assert ("valid", "L3", ()) == (met.authenticity, met.level, met.differences)
    assert carried.predicate.outcome == met.outcome
    name = f"{INPUTS}{FOLDER}/claims.csv"
    changed = {**files, name: bytes(files[name]) + b"\n"}
    assert "invalid" == verify(changed, own).authenticity


def test_a_verifier_is_told_whose_key_he_does_not_know(
    example: Example, work: Work, signer: SigningKey
) -> None:
    other = load_signing(new_key("ed25519", None)[0], "other", lambda: b"")
    carried = worked(example, {FOLDER: month_old(work, other)})
    files = bundle.sign(bundle.draft(carried), signer)
    own = Verifier(trust_key(signer.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    (note,) = verify(files, own).differences

    assert "carried_untrusted" == note.code
    assert note.detail.endswith(other.public.keyid)


@pytest.mark.parametrize(("days", "status"), [(44, "pass"), (45, "pass"), (46, "fail")])
def test_its_age_is_counted_from_then(
    example: Example, work: Work, signer: SigningKey, days: int, status: str
) -> None:
    pin = next(
        one.pin.block_time for one in work.case.snapshot.chains if one.pin.chain == "eip155:31337"
    )
    issued_at = pin - days * DAY
    made = month_old(work, signer, issued_at=issued_at, as_of=issued_at + DAY)
    ((met, text),) = findings(worked(example, {FOLDER: made}), "control_max_age")

    assert status == met
    assert f"of {days * DAY} seconds" in text


def test_a_carried_claim_is_as_old_as_it_was_received(
    example: Example, work: Work, signer: SigningKey
) -> None:
    issued_at = work.case.as_of - 50 * DAY

    def received(rows: bytes) -> bytes:
        head, *rest = rows.decode().splitlines()
        at = "2026-10-12T00:00:00Z"
        return "\n".join([f"{head},received_at", *(f"{row},{at}" for row in rest)]).encode()

    change = {"issued_at": issued_at, "as_of": issued_at + DAY}
    old = worked(example, {FOLDER: month_old(work, signer, **change)})
    young = worked(example, {FOLDER: month_old(work, signer, **change, claimed=received)})

    assert ["fail"] == [status for status, _ in findings(old, "control_max_age")]
    assert ["pass"] == [status for status, _ in findings(young, "control_max_age")]
    # Its own statement's texts and time say whether it can have been received then.
    assert ["pass"] == [status for status, _ in findings(young, "received_at")]


@pytest.mark.parametrize(("days", "status"), [(46, "pass"), (47, "fail")])
def test_a_text_that_is_valid_for_long_cannot_hide_its_age(
    example: Example, work: Work, signer: SigningKey, days: int, status: str
) -> None:
    made = worked(example, {FOLDER: month_old(work, signer, days=days)})
    own, carried = findings(made, "stale_challenge")

    assert ("pass", status) == (own[0], carried[0])


def test_texts_must_have_been_valid_when_the_earlier_statement_was_about(
    example: Example, work: Work, signer: SigningKey
) -> None:
    as_of = work.case.as_of - 5 * DAY
    outcomes = {}
    for days in (14, 15):
        made = month_old(work, signer, as_of=as_of, issued_at=as_of - days * DAY)
        (control,) = [
            one
            for one in worked(example, {FOLDER: made}).case.controls
            if one.carried and one.account == ID
        ]
        outcomes[days] = control.reason or control.outcome

    assert {14: "proved", 15: "challenge_expired"} == outcomes


def test_what_was_never_right_is_refuted_again(
    example: Example, work: Work, signer: SigningKey
) -> None:
    def swapped(rows: bytes) -> bytes:
        head, first, second, *_ = rows.decode().splitlines()
        cells, others = first.split(","), second.split(",")
        return "\n".join([head, first, ",".join([*others[:3], cells[3], *others[4:]])]).encode()

    made = worked(example, {FOLDER: month_old(work, signer, claimed=swapped)})
    ((status, text),) = findings(made, "refuted_control")

    assert ({"none"}, "fail", "fail") == (band(made), made.predicate.outcome, status)
    assert "line 3 of statement " in text


def test_a_later_claim_takes_its_place(example: Example, work: Work, signer: SigningKey) -> None:
    def forged(rows: bytes) -> bytes:
        return rows.replace(b"0x", b"0x", 1).replace(b",@challenge,", b",another text,")

    older = month_old(work, signer, claimed=forged)
    newer = month_old(
        work,
        signer,
        issued_at=work.case.as_of - 20 * DAY,
        as_of=work.case.as_of - 19 * DAY,
    )
    alone = worked(example, {FOLDER: older}, without=())
    both = worked(example, {FOLDER: older, "earlier/0007": newer})
    reversed_ = worked(example, {"earlier/0007": newer, FOLDER: older})

    assert {"superseded"} == {one.reason for one in alone.case.controls if one.carried}
    assert work.case.positions == alone.case.positions
    assert {"controlled"} == band(both) == band(reversed_)
    assert ["pass"] == [status for status, _ in findings(both, "refuted_control")]
    assert {"none"} == band(worked(example, {FOLDER: older}))


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    def work(files: dict[str, bytes]) -> None:
        files[name] = change(files[name])

    return work


def replaced_texts(work: Work) -> bytes:
    return write_challenges(texts(work, work.case.as_of - 40 * DAY), None)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (changed("claims.csv", lambda data: data + b"\n"), "claims.csv: digest "),
        (changed("claims.csv", lambda data: data.replace(b"eip191", b"eip712", 1)), "digest "),
        (changed("challenges.json", lambda data: data + b"\n"), "challenges.json: digest "),
        (changed("payload.json", lambda data: data + b" "), "around other bytes"),
        (changed("envelope.dsse.json", lambda data: data + b" "), "malformed_envelope"),
        (
            changed("envelope.dsse.json", lambda data: data.replace(b'"sig":"M', b'"sig":"N')),
            "bad_signature",
        ),
        (changed("signer.pub.pem", lambda _data: b"no key"), "signer.pub.pem: not a public key"),
    ],
)
def test_a_changed_file_is_refused(
    example: Example,
    work: Work,
    signer: SigningKey,
    change: Callable[[dict[str, bytes]], None],
    what: str,
) -> None:
    made = month_old(work, signer)
    change(made)
    with pytest.raises(InputError, match=what):
        worked(example, {FOLDER: made})


@pytest.mark.parametrize("name", ["payload.json", "signer.pub.pem", "claims.csv"])
def test_a_missing_file_is_refused(
    example: Example, work: Work, signer: SigningKey, name: str
) -> None:
    made = month_old(work, signer)
    del made[name]
    with pytest.raises(InputError, match=f"file is missing: evidence/inputs/earlier/0006/{name}"):
        worked(example, {FOLDER: made})


def test_replaced_challenges_are_refused(example: Example, work: Work, signer: SigningKey) -> None:
    made = month_old(work, signer) | {"challenges.json": replaced_texts(work)}
    with pytest.raises(InputError, match=r"challenges\.json: digest"):
        worked(example, {FOLDER: made})


def test_another_key_than_the_envelope_s_is_refused(
    example: Example, work: Work, signer: SigningKey
) -> None:
    other = load_signing(new_key("p256", None)[0], "other", lambda: b"")
    made = month_old(work, signer) | {"signer.pub.pem": other.public.pem}
    with pytest.raises(InputError, match="no_trusted_signature"):
        worked(example, {FOLDER: made})
    made["envelope.dsse.json"] = seal(b"{}", other)
    with pytest.raises(InputError, match="around other bytes"):
        worked(example, {FOLDER: made})


def stating(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(predicate: dict[str, Any]) -> None:
        *above, last = path.split(".")
        for name in above:
            predicate = predicate[name]
        predicate[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("responsibleParty.name", "Other", "a statement of 'Other', the declaration says"),
        ("responsibleParty.name", "a\nb", "name: "),
        ("responsibleParty.lei", "x", "lei: "),
        ("responsibleParty", None, "the wrong form"),
        ("network", "main", "a statement about 'main', the declaration says 'test'"),
        ("asOf.time", "2026-11-22T19:27:54Z", "this statement about 2026-11-22T19:27:54Z"),
        ("asOf.time", "2027-01-01T00:00:00Z", "about 2027-01-01T00:00:00Z, this statement"),
        ("asOf.time", "yesterday", "time not understood"),
        ("inputs", [], "digest"),
        ("inputs", [1], "inputs: an entry has the wrong form"),
        ("inputs", None, "the wrong form"),
    ],
)
def test_another_statement_is_refused(
    example: Example, work: Work, signer: SigningKey, path: str, value: object, what: str
) -> None:
    made = month_old(work, signer, stated=stating(path, value))
    with pytest.raises(InputError, match=what):
        worked(example, {FOLDER: made})


def test_one_statement_is_carried_once(example: Example, work: Work, signer: SigningKey) -> None:
    made = month_old(work, signer)
    with pytest.raises(InputError, match="the same statement as in earlier/0006"):
        worked(example, {FOLDER: made, "again": made})


def test_the_lei_decides_where_both_have_one(
    example: Example, work: Work, signer: SigningKey
) -> None:
    made = month_old(work, signer)
    kept = worked(example, {FOLDER: made}).inputs.carried[0]
    refuse_later((kept,), kept.as_of + 1)
    with pytest.raises(InputError, match=r"predicate\.asOf"):
        refuse_later((kept, replace(kept, digest="")), kept.as_of)
    # The declaration has no LEI here, so the name decides, whatever the earlier statement has.
    named = month_old(work, signer, stated=stating("responsibleParty.lei", "5493001KJTIIGC8Y1R12"))
    with pytest.raises(InputError, match="issued for 'Example Exchange'"):
        worked(example, {FOLDER: named})


def test_what_is_carried_is_asked_about_at_today_s_pins(
    example: Example, work: Work, signer: SigningKey
) -> None:
    def everywhere(rows: bytes) -> bytes:
        issued = texts(work, work.case.as_of - 31 * DAY)
        account = ACCOUNT.replace("anvil:", "eip155:*:")
        signature = wallet.sign_eip191(wallet.key(1), issued.texts[account])
        contract = f"{ACCOUNT},eip1271,@challenge,{'11' * 65},,"
        return rows + f"{account},eip191,@challenge,{signature},,\n{contract}\n".encode()

    made = worked(example, {FOLDER: month_old(work, signer, claimed=everywhere)})
    plan = next(one for one in made.plans if one.chain.name == "anvil")
    plain = next(one for one in work.plans if one.chain.name == "anvil")
    asked = set(plan.questions) - set(plain.questions)

    assert {"code", "attempt"} <= {question.kind for question in asked}
    assert asked <= set(plan.further({})) | {one for one in asked if one.kind == "code"}
    reasons = {(one.scheme, one.reason) for one in made.case.controls if one.carried}
    # The recording was asked none of it.
    assert {("eip191", "code_unknown"), ("eip1271", "chain_not_asked")} <= reasons


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
PATHS = ("asOf", "asOf.time", "network", "responsibleParty", "responsibleParty.name", "inputs")


@settings(max_examples=60)
@given(path=st.sampled_from(PATHS), value=JSON)
def test_nothing_but_our_own_error_comes_out(
    work: Work, signer: SigningKey, path: str, value: object
) -> None:
    made = month_old(work, signer, stated=stating(path, value))
    entity = work.inputs.declaration.entity
    reading = Reading(work.inputs.registry, ChainAddresses(), SCHEMES, "test")
    with pytest.raises(InputError):
        read_earlier(FOLDER, made, entity, reading)


def test_claims_are_those_of_the_wallet(work: Work) -> None:
    issued = texts(work, work.case.as_of)
    holders = make.evm_holders(work.inputs.registry.chain("anvil"))

    assert len(holders) == claims(work, issued).count(b"@challenge")
