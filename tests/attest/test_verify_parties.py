"""What a verifier's own parties, history, prices and blocks change about a verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import bundle, verify
from attest.anchors import ChainCheck
from attest.apart import take_apart
from attest.cli.load import pack_or_none, shipped_registry
from attest.countersignature import ConfirmedBlock
from attest.keys import load_public
from attest.mended import Mended
from attest.predicate import ATTESTATION_TYPE
from attest.predicate import to_document as predicate_document
from attest.rejudging import judge_again
from attest.statement import build_statement
from attest.trust import Trust, TrustedKey
from attest.verdict import Verdict
from attest.verifier import Verifier
from config.books.prices import PRICE_DECIMALS, Price
from config.trust import HistoryTable, Requirements
from tests.attest.history.logs import witnessed_by
from tests.attest.second import (
    AUDITOR,
    BLOCK,
    EXCHANGE,
    PARENT,
    Files,
    Said,
    cosigned_by,
    countersigned_by,
    logged,
    party,
    predicate_of,
    series,
    signed_small,
    trusting,
)
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.keys import SigningKey
    from attest.pipeline import Work
    from attest.trust import Party

KNOWN, OTHER = "ab" * 32, "cd" * 32
TODAY = 1_800_000_000


@pytest.fixture(scope="module")
def made(work: Work) -> Files:
    """The passing example, signed by the exchange."""
    return in_memory(bundle.sign(bundle.draft(work), EXCHANGE))


@pytest.fixture(scope="module")
def small(work: Work) -> Files:
    return signed_small(predicate_of(work))


def judged(files: Files, trust: Trust | None, **more: object) -> Verdict:
    plain = Verifier(
        trust, registry=shipped_registry(), pack=pack_or_none, today=TODAY, allow_test=True
    )
    return verify.verify(files, replace(plain, **more))  # type: ignore[arg-type]  # fields by name


def codes(verdict: Verdict) -> list[str]:
    return [note.code for note in verdict.reasons]


def code(verdict: Verdict) -> int:
    return verdict.exit_code(authenticity_only=False)


def remembering(sequence: int, payload: str, **least: object) -> Trust:
    require = Requirements(**least)  # type: ignore[arg-type]  # fields by name
    return trusting(last=HistoryTable(sequence, payload), require=require)


# History


def test_the_last_statement_known_verifies_whole(made: Files) -> None:
    digest = take_apart(made).digest
    verdict = judged(made, remembering(1, digest, level="L3"))

    assert ("valid", "pass", "L3", [], 0) == (
        verdict.authenticity,
        verdict.outcome,
        verdict.level,
        codes(verdict),
        code(verdict),
    )


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        ("L1", (["history_older"], 0)),
        ("L2", (["history_older", "level_not_reached"], 2)),
        ("L3", (["history_older", "level_not_reached"], 2)),
    ],
)
def test_an_older_statement_stays_at_the_signatures(
    made: Files, least: str, expected: tuple[list[str], int]
) -> None:
    verdict = judged(made, remembering(2, KNOWN, level=least))

    assert ("valid", "L1", {"L1"}) == (
        verdict.authenticity,
        verdict.level,
        {level for _, level in verdict.levels},
    )
    assert expected == (codes(verdict), code(verdict))


def test_history_that_is_required_is_missing_where_nothing_is_known(made: Files) -> None:
    verdict = judged(made, trusting(require=Requirements(level="L2")))

    assert ("L1", ["history_unknown", "level_not_reached"], 2) == (
        verdict.level,
        codes(verdict),
        code(verdict),
    )


def test_blocks_and_balances_do_not_make_up_for_history(made: Files) -> None:
    def whole(work: Work) -> tuple[ChainCheck, ...]:
        return tuple(
            ChainCheck(chain.pin.chain, confirmed=True, read_again=True, notes=())
            for chain in work.case.snapshot.chains
        )

    verdict = judged(made, remembering(2, KNOWN), reread=whole)

    assert ("L1", {"L1"}, 2) == (
        verdict.level,
        {level for _, level in verdict.levels},
        code(verdict),
    )
    assert ["reached L1, required L4"] == [
        note.detail for note in verdict.reasons if note.code == "level_not_reached"
    ]


def test_a_forked_or_rewritten_history_is_invalid(made: Files) -> None:
    forked = judged(made, remembering(1, KNOWN, level="L0"))
    rewritten = judged(made, trusting(), previous=KNOWN)

    assert ("invalid", ["history_forked"], 1) == (
        forked.authenticity,
        codes(forked),
        code(forked),
    )
    assert ("invalid", ["history_rewritten"], 1) == (
        rewritten.authenticity,
        codes(rewritten),
        code(rewritten),
    )


def test_what_history_contradicts_is_invalid_without_trust_too(work: Work) -> None:
    files = signed_small(predicate_of(work, series=series(2, KNOWN)))
    against = judged(files, None, previous=OTHER)
    held = judged(files, None, previous=KNOWN, authenticity_only=True)

    assert ("invalid", ["no_trust_given", "history_rewritten"], 1) == (
        against.authenticity,
        codes(against),
        code(against),
    )
    assert ("indeterminate", "L0") == (held.authenticity, held.level)
    assert 2 == held.exit_code(authenticity_only=True)


@pytest.mark.parametrize(
    ("trust", "previous", "expected"),
    [
        (trusting(), None, ("L1", "L1", 0)),
        (remembering(1, KNOWN, level="L0"), None, ("L2", "L0", 0)),
        (trusting(require=Requirements(level="L2")), None, ("L1", "L2", 2)),
        (trusting(require=Requirements(level="L2")), KNOWN, ("L2", "L2", 0)),
        (trusting(), KNOWN, ("L2", "L2", 0)),
        (remembering(1, KNOWN), None, ("L2", "L2", 0)),
        (remembering(9, KNOWN), None, ("L1", "L2", 2)),
        (remembering(9, KNOWN, level="L1"), None, ("L1", "L1", 0)),
        (trusting(log=witnessed_by("w", quorum=1)), None, ("L1", "L2", 2)),
        (trusting(log=witnessed_by("w", quorum=1)), KNOWN, ("L1", "L2", 2)),
    ],
)
def test_authenticity_alone_still_asks_for_the_history_that_is_known(
    work: Work, trust: Trust, previous: str | None, expected: tuple[str, str, int]
) -> None:
    files = signed_small(predicate_of(work, series=series(2, KNOWN)))
    verdict = judged(files, trust, previous=previous, authenticity_only=True)

    assert expected == (
        verdict.level,
        verdict.required,
        verdict.exit_code(authenticity_only=True),
    )
    assert "valid" == verdict.authenticity


def test_a_gap_is_no_history_even_where_a_digest_was_given(work: Work) -> None:
    files = signed_small(predicate_of(work, series=series(5)))
    verdict = judged(files, trusting(), previous=KNOWN, authenticity_only=True)

    assert ["history_gap", "level_not_reached"] == codes(verdict)
    assert 2 == verdict.exit_code(authenticity_only=True)


def test_a_log_saves_a_stolen_key_and_reaches_history(small: Files) -> None:
    stolen = TrustedKey(EXCHANGE.public.keyid, revoked=BLOCK + 9, reason="compromised")
    parties = (party("Exchange", stolen, roles=("attester",)),)
    trust = trusting(*parties, log=witnessed_by("w", quorum=1))
    early, late = (logged(small, ("w", BLOCK + at)) for at in (8, 9))
    first = judged(early, trust, authenticity_only=True)
    second = judged(late, trust, authenticity_only=True)

    assert ("valid", "L2") == (first.authenticity, first.level)
    assert ("indeterminate", "L0") == (second.authenticity, second.level)
    assert ["time_unproved", "level_not_reached"] == codes(second)


# Faults that are mended


def test_a_mended_fault_makes_a_statement_neither_valid_nor_invalid(
    work: Work, made: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "faults_of", lambda _tool: (Mended("9.9", "rounded up"),))
    holding = work.predicate.holdings[0]
    lie = replace(work.predicate, holdings=(replace(holding, amount=holding.amount + "0"),))
    digests = take_apart(made).statement.subjects
    payload = build_statement(ATTESTATION_TYPE, predicate_document(lie), digests)
    files = {name: data for name, data in bundle.draft(work).items() if name in digests}
    forged = in_memory(bundle.sign({**files, "att/0001.payload.json": payload}, EXCHANGE))
    for least in ("L0", "L3"):
        verdict = judged(forged, trusting(require=Requirements(level=least)))
        assert ("indeterminate", 2) == (verdict.authenticity, code(verdict))
        assert "fixed_since" in codes(verdict)
        assert not verdict.replayed
    assert "9.9: rounded up" in {note.detail for note in verdict.reasons}
    # It excuses bytes that differ, and is not asked where they are the same.
    assert "valid" == judged(made, trusting()).authenticity


# Second parties


def reviewer(*roles: str, key: SigningKey = AUDITOR) -> Party:
    return party("Reviewer", key, roles=roles or ("auditor",))


def blocks(work: Work, **change: str) -> tuple[ConfirmedBlock, ...]:
    return tuple(
        replace(ConfirmedBlock(pin.chain, pin.height, pin.block_hash, pin.block_time), **change)
        for pin in work.predicate.as_of.anchors
    )


def test_blocks_that_a_trusted_party_countersigns_are_confirmed(work: Work, made: Files) -> None:
    files = countersigned_by(made, AUDITOR, "auditor", Said(blocks=blocks(work)))
    trusted = judged(files, trusting(reviewer()))

    assert {"confirmed"} == {state for _, state in trusted.anchors}
    assert ("L3", 0, ["countersigned"]) == (
        trusted.level,
        code(trusted),
        [note.code for note in trusted.differences],
    )
    assert "Reviewer (auditor): no-exception 0, exception 0, not-performed 0" == (
        trusted.differences[0].detail
    )


@pytest.mark.parametrize(
    "parties",
    [
        (),
        (reviewer("attester", "auditor"),),
        (reviewer("challenger"),),
        (reviewer("regulator"),),
        (
            party(
                "Reviewer",
                TrustedKey(AUDITOR.public.keyid, ends=1),
                roles=("auditor",),
            ),
        ),
    ],
)
def test_blocks_of_parties_that_do_not_count_say_nothing(
    work: Work, made: Files, parties: tuple[Party, ...]
) -> None:
    said = Said(blocks=blocks(work, block_hash="00" * 32))
    verdict = judged(countersigned_by(made, AUDITOR, "auditor", said), trusting(*parties))

    assert ({"unconfirmed"}, [], 0) == (
        {state for _, state in verdict.anchors},
        codes(verdict),
        code(verdict),
    )
    assert "signature_not_counted" in {note.code for note in verdict.differences}


def test_right_blocks_of_a_stranger_confirm_nothing(work: Work, made: Files) -> None:
    files = countersigned_by(made, AUDITOR, "auditor", Said(blocks=blocks(work)))

    assert {"unconfirmed"} == {state for _, state in judged(files, trusting()).anchors}


@pytest.mark.parametrize(
    "change", [{"block_hash": "00" * 32}, {"block_time": "2026-11-22T19:27:52Z"}]
)
def test_another_block_of_a_trusted_party_is_never_a_pass(
    work: Work, made: Files, change: dict[str, str]
) -> None:
    files = countersigned_by(made, AUDITOR, "auditor", Said(blocks=blocks(work, **change)))
    verdict = judged(files, trusting(reviewer()))

    assert ("unknown", {"unconfirmed"}, 2) == (
        verdict.outcome,
        {state for _, state in verdict.anchors},
        code(verdict),
    )
    assert {"anchor_mismatch"} == set(codes(verdict))


def test_blocks_of_other_chains_and_heights_say_nothing(work: Work, made: Files) -> None:
    others = (*blocks(work, height="1"), *blocks(work, chain="eip155:1"))
    verdict = judged(
        countersigned_by(made, AUDITOR, "auditor", Said(blocks=others)), trusting(reviewer())
    )

    assert ({"unconfirmed"}, 0) == ({state for _, state in verdict.anchors}, code(verdict))


def test_an_exception_that_a_trusted_party_reports_is_never_a_pass(made: Files) -> None:
    said = Said(results=("no-exception", "exception", "not-performed", "no-exception"))
    files = countersigned_by(made, AUDITOR, "auditor", said)
    trusted, untrusted = judged(files, trusting(reviewer())), judged(files, trusting())

    assert ("valid", "unknown", 2) == (trusted.authenticity, trusted.outcome, code(trusted))
    (note,) = trusted.differences
    assert "countersigned_exception" == note.code
    assert "Reviewer (auditor): no-exception 2, exception 1, not-performed 1" == note.detail
    assert ("pass", 0) == (untrusted.outcome, code(untrusted))


def test_texts_count_as_another_s_only_if_his_key_still_counted(work: Work, made: Files) -> None:
    issued = work.inputs.challenges
    assert issued is not None
    issuer = load_public(issued.signatures[0].publicKey.encode(), "issuer")

    def differences(**window: object) -> list[str]:
        key = TrustedKey(issuer.keyid, **window)  # type: ignore[arg-type]  # fields by name
        verdict = judged(made, trusting(party("Issuer", key, roles=("challenger",))))
        return [note.code for note in verdict.differences]

    assert ["grade_a"] == differences(ends=TODAY)
    assert [] == differences(ends=TODAY - 1)
    assert [] == differences(revoked=TODAY, reason="superseded")


# What is left of a copy


@pytest.fixture(scope="module")
def copy(made: Files) -> Files:
    """What a regulator is given: everything but what the nodes answered."""
    return in_memory(bundle.disclosed(made, "regulator"))


def test_a_copy_is_held_to_what_can_be_known_of_it(copy: Files) -> None:
    plain = judged(copy, trusting())
    low = judged(copy, trusting(require=Requirements(level="L1")))
    history = judged(copy, remembering(1, take_apart(copy).digest, level="L2"))

    assert ("valid", "L1", ["withheld", "level_not_reached"], 2) == (
        plain.authenticity,
        plain.level,
        codes(plain),
        code(plain),
    )
    assert (["withheld"], 0) == (codes(low), code(low))
    assert ("L2", 0) == (history.level, code(history))


def test_a_copy_s_blocks_are_compared_with_what_is_known(work: Work, copy: Files) -> None:
    pins = tuple(chain.pin for chain in work.case.snapshot.chains)
    low = Requirements(level="L1")
    right = tuple((pin.chain, pin.height, pin.block_hash, pin.block_time) for pin in pins)
    wrong = tuple((pin.chain, pin.height, "00" * 32, None) for pin in pins)
    known = judged(copy, trusting(anchors=right, require=low))
    against = judged(copy, trusting(anchors=wrong, require=low))
    said = Said(blocks=blocks(work, block_hash="00" * 32))
    counted = judged(
        countersigned_by(copy, AUDITOR, "auditor", said), trusting(reviewer(), require=low)
    )

    assert ({"confirmed"}, "L1", 0) == (
        {state for _, state in known.anchors},
        known.level,
        code(known),
    )
    for verdict in (against, counted):
        assert ("unknown", 2) == (verdict.outcome, code(verdict))
        assert "anchor_mismatch" in codes(verdict)


@pytest.mark.parametrize("which", ["whole", "copy"])
def test_a_wallet_s_key_does_not_attest(
    made: Files, copy: Files, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    asked: list[str] = []

    def wallets(key: object, inputs: object) -> tuple[str, ...]:
        assert inputs is not None
        asked.append(key.keyid)  # type: ignore[attr-defined]  # a public key
        return ("solana:x",) if len(asked) == 2 else ()

    monkeypatch.setattr(verify, "wallets_of", wallets)
    files = cosigned_by(made if which == "whole" else copy, PARENT, "parent")
    verdict = judged(files, trusting(require=Requirements(level="L1")))

    assert ("invalid", ["parent: solana:x"], 1) == (
        verdict.authenticity,
        [note.detail for note in verdict.reasons if note.code == "wallet_key"],
        code(verdict),
    )
    assert [EXCHANGE.public.keyid, PARENT.public.keyid] == asked


def raw_copy(work: Work, **anchor: str) -> Files:
    """Make a regulator's copy of a small statement whose one block is changed."""
    plain = predicate_of(work)
    (pin,) = plain.as_of.anchors
    stated = replace(
        plain,
        as_of=replace(plain.as_of, anchors=(replace(pin, **anchor),)),
    )
    whole = signed_small(stated, extra={"evidence/chains/x/node-1.jsonl": b"{}\n"})
    return in_memory(bundle.disclosed(whole, "regulator"))


def test_a_copy_with_a_height_that_is_none_is_invalid(work: Work) -> None:
    low = trusting(require=Requirements(level="L1"))
    good, bad = raw_copy(work), raw_copy(work, height="9" * 5000)

    assert ("valid", 0) == (judged(good, low).authenticity, code(judged(good, low)))
    assert ("invalid", ["withheld", "replay_failed"]) == (
        judged(bad, low).authenticity,
        codes(judged(bad, low)),
    )


def test_a_copy_whose_inputs_cannot_be_read_is_invalid(work: Work) -> None:
    extra = {"evidence/chains/x/1.jsonl": b"{}\n", "evidence/inputs/declaration.toml": b"= x\n"}
    whole = signed_small(predicate_of(work), extra=extra)
    verdict = judged(in_memory(bundle.disclosed(whole, "regulator")), trusting())

    assert ("invalid", ["withheld", "replay_failed"]) == (verdict.authenticity, codes(verdict))


@pytest.mark.parametrize("place", ["asOf", "anchor"])
def test_a_time_that_is_none_is_a_malformed_payload(work: Work, place: str) -> None:
    document = json.loads(json.dumps(predicate_document(predicate_of(work))))
    where, field = (
        (document["asOf"], "time")
        if place == "asOf"
        else (document["asOf"]["anchors"][0], "blockTime")
    )
    where[field] = "2026-02-31T00:00:00Z"
    payload = build_statement(ATTESTATION_TYPE, document, {"a": "0" * 64})
    from attest.envelope import seal  # noqa: PLC0415 - for this alone
    from attest.names import KEY_NAME, envelope_name, payload_name  # noqa: PLC0415 - the same

    files = {
        payload_name("0001"): payload,
        envelope_name("0001"): seal(payload, EXCHANGE),
        KEY_NAME: EXCHANGE.public.pem,
    }
    verdict = judged(in_memory(bundle.listed(files)), trusting())

    assert ["malformed_payload"] == codes(verdict)


# Prices


PRICES = {"eth": "412000.5", "usdt": "155.21", "usdc": "155.2", "ltc": "13100"}


def prices(**change: str) -> tuple[Price, ...]:
    return tuple(
        Price(name, "jpy", scaled(text), 0, "own")  # type: ignore[arg-type]  # names
        for name, text in {**PRICES, **change}.items()
        if text
    )


def scaled(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(PRICE_DECIMALS, "0"))


def priced(work: Work, made: Files, own: tuple[Price, ...], tolerance: str) -> Verdict:
    trust = trusting(prices=own, tolerance=tolerance)
    verifier = Verifier(trust, shipped_registry(), pack_or_none, TODAY, allow_test=True)
    empty = Verdict("valid", "pass", "L3", (), (), (), (), ())
    return judge_again(made, verifier, work, empty)


@pytest.mark.parametrize(
    ("own", "tolerance", "expected"),
    [
        ({}, "0", []),
        ({"ltc": "13100.000000000000000001"}, "0", ["price_differs"]),
        ({"ltc": "13100.000000000000000001"}, "0.000000000001", []),
        ({"ltc": "13000"}, "0.007692307692", ["price_differs"]),
        ({"ltc": "13000"}, "0.007692307693", []),
        ({"ltc": "13200"}, "0.01", []),
        ({"ltc": "6550"}, "1", []),
        ({"ltc": "6549"}, "1", ["price_differs"]),
        ({"ltc": "1", "eth": "1"}, "0.5", ["price_differs", "price_differs"]),
        ({"ltc": ""}, "0", ["price_unchecked"]),
    ],
)
def test_prices_are_compared_as_exact_numbers(
    work: Work, made: Files, own: dict[str, str], tolerance: str, expected: list[str]
) -> None:
    verdict = priced(work, made, prices(**own), tolerance)
    found = [note.code for note in verdict.differences if note.code.startswith("price_")]

    assert expected == found
    assert ("unknown" if "price_differs" in expected else "pass") == verdict.outcome
    judged_differently = [one for one in verdict.differences if one.code == "judged_differently"]
    assert ("price_differs" in expected) == bool(judged_differently)


def test_a_price_of_another_basis_or_currency_is_not_compared_and_named(
    work: Work, made: Files
) -> None:
    yearly = tuple(replace(one, basis="avg_1y", scaled=1) for one in prices())
    dollars = tuple(replace(one, currency="usd", scaled=1) for one in prices())  # type: ignore[arg-type]  # a name
    for own in (yearly, dollars):
        verdict = priced(work, made, own, "0")
        assert ("pass", ["price_unchecked"] * 4) == (
            verdict.outcome,
            [note.code for note in verdict.differences],
        )
    assert "eth in jpy, spot: statement 412000.5, verifier has none" == (
        verdict.differences[0].detail
    )


def test_without_prices_of_his_own_nothing_is_said_of_prices(work: Work, made: Files) -> None:
    assert () == priced(work, made, (), "0").differences
