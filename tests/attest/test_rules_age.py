from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.rules.age import control_age, received_at
from attest.rules.case import NAMED, Case, Result
from attest.rules.parameters import Parameters
from chains.snapshot import WindowBlock
from config.challenges import Anchor
from config.policy import parse_pack, shipped_pack
from config.times import parse_time
from proofs.control import Control

if TYPE_CHECKING:
    from attest.pipeline import Work
    from config.challenges import Challenges
    from config.claims import Claim, Encoding
    from proofs.control import Grade, Outcome

DAY = 86_400
MAXIMUM = 45 * DAY
CORE = {rule.id: rule for rule in parse_pack(shipped_pack("core"), "core.toml").rule}
PARAMETERS = {
    name: Parameters(name, CORE[name].parameters) for name in ("control_max_age", "received_at")
}
EVM, UTXO = "eip155:31337", "bip122:530827f38f93b43ed12af0b3ad25a288"


def control(
    line: int, signed_at: int | None, grade: Grade | None = "B", **change: object
) -> Control:
    subject = f"{EVM}:0x{line:040x}"
    outcome: Outcome = "proved"
    plain = Control(subject, "eip191", outcome, grade, None, (), line, (subject,))
    return replace(plain, signed_at=signed_at, **change)  # type: ignore[arg-type]  # fields by name


def pin_time(work: Work, chain: str) -> int:
    return next(one.pin.block_time for one in work.case.snapshot.chains if one.pin.chain == chain)


def aged(work: Work, *controls: Control) -> tuple[Result, ...]:
    return control_age(replace(work.case, controls=controls), PARAMETERS["control_max_age"])


def statuses(results: tuple[Result, ...]) -> list[str]:
    return [result.status for result in results]


@pytest.mark.parametrize(
    ("age", "status"), [(-1, "pass"), (MAXIMUM, "pass"), (MAXIMUM + 1, "breach")]
)
def test_an_age_is_counted_from_the_proof_to_the_pin(work: Work, age: int, status: str) -> None:
    (result,) = aged(work, control(2, pin_time(work, EVM) - age))

    assert (status, str(max(0, age))) == (result.status, result.facts["oldest_seconds"])
    assert result.facts.get("first") == ("line 2" if status == "breach" else None)


def test_each_account_is_measured_at_its_own_chain(work: Work) -> None:
    late = replace(
        work.case.snapshot.chains[1],
        pin=replace(work.case.snapshot.chains[1].pin, block_time=pin_time(work, EVM) + 10),
    )
    chains = (work.case.snapshot.chains[0], late)
    snapshot = replace(work.case.snapshot, chains=chains)
    known = {str(one.pin.chain): one.pin.block_time for one in chains}
    signed = pin_time(work, EVM) - MAXIMUM
    for chain, time in known.items():
        one = control(2, signed, subjects=(f"{chain}:address",))
        case = replace(work.case, controls=(one,), snapshot=snapshot)
        (result,) = control_age(case, PARAMETERS["control_max_age"])
        assert str(time - signed) == result.facts["oldest_seconds"]


def test_of_several_chains_the_latest_pin_counts_and_one_not_read_is_of_the_time(
    work: Work,
) -> None:
    both = control(2, 0, subjects=(f"{EVM}:a", "eip155:999:a"))
    (result,) = aged(work, both)

    latest = max(pin_time(work, EVM), work.case.as_of)
    assert str(latest) == result.facts["oldest_seconds"]


def test_findings_are_grouped(work: Work) -> None:
    (result,) = aged(work, *(control(line, 0) for line in range(2, 102)))

    assert ("breach", "100") == (result.status, result.facts["older"])
    assert NAMED == len(result.facts["first"].split(", "))
    assert result.facts["first"].startswith("line 2, line 3,")


@pytest.mark.parametrize(("signed_at", "silent", "older"), [(None, "1", "0"), (0, "0", "1")])
@pytest.mark.parametrize("grade", ["C", "D"])
def test_a_proof_that_counts_in_no_band_fails_nothing(
    work: Work, grade: Grade, signed_at: int | None, silent: str, older: str
) -> None:
    (first, second) = aged(work, control(2, pin_time(work, EVM)), control(3, signed_at, grade))

    assert ["pass", "not_applicable"] == [first.status, second.status]
    assert (silent, older) == (second.facts["unknown"], second.facts["older"])


@pytest.mark.parametrize("outcome", ["refuted", "unproved", "inconclusive"])
def test_what_is_not_proved_has_no_age(work: Work, outcome: Outcome) -> None:
    bare = control(2, 0, outcome=outcome, grade=None, subjects=())

    assert ["not_applicable"] == statuses(aged(work, bare))
    assert ["not_applicable"] == statuses(aged(work))


def test_a_counted_proof_without_a_time_never_passes(work: Work) -> None:
    assert ["unknown"] == statuses(aged(work, control(2, None), control(3, pin_time(work, EVM))))


def challenges(work: Work) -> Challenges:
    issued = work.inputs.challenges
    assert issued is not None
    return issued


def received(work: Work, *at: int | None, **change: object) -> tuple[Result, ...]:
    """Judge the example's first claims, received at some times."""
    claims = tuple(
        replace(claim, received_at=when, **change)  # type: ignore[arg-type]  # fields by name
        for claim, when in zip(work.inputs.claims, at, strict=False)
    )
    return judged(replace(work.case, inputs=replace(work.inputs, claims=claims)))


def judged(case: Case) -> tuple[Result, ...]:
    return received_at(case, PARAMETERS["received_at"])


def test_a_time_before_the_text_was_issued_is_a_finding(work: Work) -> None:
    issue = parse_time(challenges(work).issuedAt)
    (result,) = received(work, issue - 1, issue, issue - 1)

    assert ("breach", "before_issue", "2") == (
        result.status,
        result.facts["code"],
        result.facts["claims"],
    )
    assert "line 2, line 4" in result.text
    assert ["pass"] == statuses(received(work, issue, issue + 1))
    assert ["not_applicable"] == statuses(received(work, None))


def test_a_pasted_text_is_one_that_was_issued(work: Work) -> None:
    issued, claim = challenges(work), work.inputs.claims[0]
    issue, own = parse_time(issued.issuedAt), issued.texts[claim.subjects[0].id]
    texts: tuple[tuple[str, Encoding, str], ...] = (
        (own, "utf8", "breach"),
        (own.encode().hex(), "hex", "breach"),
        ("@challenge-line", "utf8", "breach"),
        (own + " ", "utf8", "pass"),
        ("a static text", "utf8", "pass"),
    )
    for message, encoding, status in texts:
        met = received(work, issue - 1, message=message, encoding=encoding)
        assert [status] == statuses(met)


def test_without_issued_texts_nothing_can_be_before_them(work: Work) -> None:
    claim: Claim = replace(work.inputs.claims[0], received_at=1)
    inputs = replace(work.inputs, claims=(claim,), challenges=None)

    assert ["pass"] == statuses(judged(replace(work.case, inputs=inputs)))


def test_a_time_long_after_the_statement_is_a_finding(work: Work) -> None:
    last = work.case.as_of + MAXIMUM
    (result,) = received(work, last, last + 1)

    assert ("breach", "after_statement", "1") == (
        result.status,
        result.facts["code"],
        result.facts["claims"],
    )


def test_a_time_before_a_named_block_is_a_finding(work: Work) -> None:
    chain = work.case.snapshot.chains[1]
    block = WindowBlock(work.case.as_of + 50_000, 7, "0x" + "ab" * 32, work.case.as_of + 50_000)
    snapshot = replace(
        work.case.snapshot,
        chains=(work.case.snapshot.chains[0], replace(chain, window_blocks=(block,))),
    )
    for height, status in (("7", "breach"), ("8", "pass")):
        named = Anchor(chain.pin.chain, height, "0x" + "ab" * 32)
        issued = replace(challenges(work), anchors=(named,), issuedAt="2026-01-01T00:00:00Z")
        for at, met in ((50_000 - 7201, status), (50_000 - 7200, "pass")):
            claim = replace(work.inputs.claims[0], received_at=work.case.as_of + at)
            inputs = replace(work.inputs, claims=(claim,), challenges=issued)
            case = replace(work.case, inputs=inputs, snapshot=snapshot)
            assert [met] == statuses(judged(case))


def test_contradictions_are_named_apart(work: Work) -> None:
    last = work.case.as_of + MAXIMUM
    results = received(work, 1, last + 1)

    assert ["before_issue", "before_block", "after_statement"] == [
        one.facts["code"] for one in results
    ]
