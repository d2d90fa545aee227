from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.findings import Finding, outcome_of
from attest.lines import in_instrument, lines
from attest.reckoning import TABLE, Material, reckon
from attest.rules.case import NAMED, Case, write_ratio
from attest.rules.controls import (
    misused_challenge,
    refuted_control,
    reused_signature,
    unproved_control,
)
from attest.rules.coverage import coverage
from attest.rules.exposure import online_share
from attest.rules.freshness import stale_challenge, stale_liabilities, stale_price
from attest.rules.kinds import KINDS, judge, rehearse
from attest.rules.parameters import Parameters
from attest.rules.reading import as_of_skew, duplicate_account, failed_read
from chains.snapshot import FailedRead
from config.accounts import Duplicate
from config.books.books import Books
from config.books.liabilities import Liability
from config.books.prices import PRICE_DECIMALS, Price
from config.caip import AccountId, AssetId, InstrumentId
from config.errors import InputError
from config.policy import Pack, Rule
from config.times import parse_time
from proofs.challenge import short_text
from proofs.control import Control
from tests.attest.held import AS_OF, CORE, ETH, JPY, NATIVE, parameters, position, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.pipeline import Work
    from config.claims import Encoding

USDT = AssetId("eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3")


@pytest.mark.parametrize(("held", "status"), [(99, "breach"), (100, "pass"), (101, "pass")])
def test_coverage_is_exact_to_the_unit(case: Callable[..., Case], held: int, status: str) -> None:
    (result,) = coverage(case(position(held)), parameters("coverage"))

    assert result.status == status
    assert result.facts["difference"] == str(held - 100)


@pytest.mark.parametrize("band", ["signed", "observed", "attested", "none"])
def test_weaker_bands_cover_nothing(case: Callable[..., Case], band: str) -> None:
    (result,) = coverage(case(position(1000, band=band)), parameters("coverage"))

    assert (result.status, result.facts["counted"]) == ("breach", "0")
    assert result.facts[f"held_{band}"] == "1000"


@pytest.mark.parametrize("owner", ["house", "guarantee", "reserve", "mixed"])
def test_other_owners_cover_nothing(case: Callable[..., Case], owner: str) -> None:
    (result,) = coverage(case(position(1000, owner=owner)), parameters("coverage"))

    assert result.status == "breach"


def test_a_surplus_covers_no_other_instrument(case: Callable[..., Case]) -> None:
    usdt = InstrumentId("usdt")
    owed = Books((Liability(ETH, 100, AS_OF), Liability(usdt, 1, AS_OF)), ())
    results = coverage(case(position(10**30), books=owed), parameters("coverage"))

    assert [(one.subject, one.status) for one in results] == [("eth", "pass"), ("usdt", "breach")]


def test_a_derived_holding_counts(case: Callable[..., Case]) -> None:
    assert statuses(coverage(case(position(100, band="derived")), parameters("coverage"))) == [
        "pass"
    ]


def test_a_minimum_can_be_above_one(case: Callable[..., Case]) -> None:
    strict = parameters("coverage", minimum="1.01")

    assert statuses(coverage(case(position(100)), strict)) == ["breach"]
    assert statuses(coverage(case(position(101)), strict)) == ["pass"]


def test_without_liabilities_coverage_is_unknown(case: Callable[..., Case]) -> None:
    none = case(position(1), books=Books((), ()))

    assert statuses(coverage(none, parameters("coverage"))) == ["unknown"]


def test_nothing_owed_is_covered_by_nothing(case: Callable[..., Case]) -> None:
    (result,) = coverage(case(books=Books((Liability(ETH, 0, AS_OF),), ())), parameters("coverage"))

    assert (result.status, result.facts["coverage"]) == ("pass", "")


def test_a_scope_without_comparison_has_no_coverage(case: Callable[..., Case], work: Work) -> None:
    declared = work.inputs.declaration
    narrow = replace(declared, attestation=replace(declared.attestation, scope=("holdings",)))
    made = case(position(1), books=Books((), ()))
    made = replace(made, inputs=replace(made.inputs, declaration=narrow))

    assert statuses(coverage(made, parameters("coverage"))) == ["not_applicable"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "pass"),
        ({"method": "hot"}, "breach"),
        ({"method": "warm"}, "breach"),
        ({"method": "unknown"}, "breach"),
        ({"holder": "some custodian"}, "breach"),
        ({"owner": "house", "method": "hot"}, "pass"),
        ({"band": "none", "method": "hot"}, "breach"),
    ],
)
def test_everything_not_cold_and_not_self_is_online(
    case: Callable[..., Case], change: dict[str, object], status: str
) -> None:
    made = case(position(94), position(6, **change))
    (result,) = online_share(made, parameters("online_share_per_asset"))

    assert result.status == status


def test_a_refuted_cold_amount_does_not_lower_the_share(case: Callable[..., Case]) -> None:
    made = case(position(95), position(5, method="hot"), position(900, band="none"))
    (result,) = online_share(made, parameters("online_share_per_asset"))

    assert (result.status, result.facts["total"]) == ("pass", "100.000000000000")
    assert result.facts["share"] == "0.050000000000"


def price(instrument: InstrumentId, scaled: int, as_of: int = AS_OF) -> Price:
    return Price(instrument, JPY, scaled, as_of, "figures")


def test_the_total_share_is_by_value(case: Callable[..., Case]) -> None:
    usdt = InstrumentId("usdt")
    unit = 10**PRICE_DECIMALS
    books = Books((), (price(ETH, 400_000 * unit), price(usdt, 150 * unit)))
    eth = position(10**18)
    hot = position(140 * 10**6, asset=USDT, instrument=usdt, method="hot")
    (result,) = online_share(case(eth, hot, books=books), parameters("online_share_total"))

    assert result.status == "pass"
    assert result.facts["online"] == "21000.000000000000"
    assert result.facts["total"] == "421000.000000000000"


def test_a_mean_of_a_year_is_no_price_of_the_moment(case: Callable[..., Case]) -> None:
    mean = replace(price(ETH, 1), basis="avg_1y")
    rule = parameters("online_share_total")
    (alone,) = online_share(case(position(1), books=Books((), (mean,))), rule)
    assert alone.status == "not_applicable"
    books = Books((), (mean, price(InstrumentId("usdt"), 1)))
    (missing,) = online_share(case(position(1), books=books), rule)
    assert (missing.status, missing.facts["missing"]) == ("unknown", "eth")

    old = price(ETH, 1, AS_OF - 10**8)
    for prices in ((old, mean), (mean, old)):
        made = case(books=Books((), prices))
        (stale,) = stale_price(made, parameters("stale_price"))
        assert (stale.status, stale.subject) == ("breach", "eth/jpy")


def test_a_missing_price_is_unknown_and_named(case: Callable[..., Case]) -> None:
    books = Books((), (price(InstrumentId("usdt"), 1),))
    (result,) = online_share(case(position(1), books=books), parameters("online_share_total"))

    assert (result.status, result.facts["missing"]) == ("unknown", "eth")


def test_without_prices_or_holdings_there_is_no_share(case: Callable[..., Case]) -> None:
    books = Books((), (price(ETH, 1),))
    total, each = parameters("online_share_total"), parameters("online_share_per_asset")

    assert statuses(online_share(case(position(1)), total)) == ["not_applicable"]
    assert statuses(online_share(case(position(0), books=books), total)) == ["not_applicable"]
    assert statuses(online_share(case(position(0)), each)) == ["not_applicable"]


def control(outcome: str, line: int, signatures: tuple[str, ...] = ()) -> Control:
    account = f"eip155:1:{line}"
    reason = "key_mismatch" if outcome == "refuted" else None
    return Control(account, "eip191", outcome, None, reason, (), line, (), signatures)  # type: ignore[arg-type]


def test_every_refuted_claim_is_named(case: Callable[..., Case]) -> None:
    made = case(controls=(control("refuted", 2), control("proved", 3), control("refuted", 4)))

    assert [one.facts["line"] for one in refuted_control(made, Parameters("", {}))] == ["2", "4"]
    assert statuses(refuted_control(case(), Parameters("", {}))) == ["pass"]


def test_a_signature_used_for_two_subjects_is_named(case: Callable[..., Case]) -> None:
    made = case(controls=(control("proved", 2, ("aa",)), control("proved", 3, ("aa", "bb"))))
    same = case(controls=(control("proved", 2, ("aa",)), control("proved", 2, ("aa",))))

    (result,) = reused_signature(made, Parameters("", {}))
    assert (result.status, result.facts["lines"]) == ("breach", "2, 3")
    assert statuses(reused_signature(same, Parameters("", {}))) == ["pass"]


def test_accounts_without_proof_are_counted_and_some_named(case: Callable[..., Case]) -> None:
    held = [position(units, band="observed") for units in range(1, NAMED + 6)]
    (result,) = unproved_control(case(*held, position(999)), Parameters("", {}))

    assert (result.facts["accounts"], result.facts["read"]) == (str(NAMED + 5), str(NAMED + 6))
    assert len(result.facts["first"].split(" ")) == NAMED
    assert statuses(unproved_control(case(position(1)), Parameters("", {}))) == ["pass"]


def test_duplicates_are_named(case: Callable[..., Case], work: Work) -> None:
    account = work.inputs.accounts.rows[0].id
    twice = replace(work.inputs.accounts, duplicates=(Duplicate(account, (2, 9)),))
    made = case()
    made = replace(made, inputs=replace(made.inputs, accounts=twice))

    (result,) = duplicate_account(made, Parameters("", {}))
    assert (result.subject, result.facts["lines"]) == (account, "2, 9")
    assert statuses(duplicate_account(case(), Parameters("", {}))) == ["pass"]


def test_a_failed_read_names_each_answer(case: Callable[..., Case], work: Work) -> None:
    failure = FailedRead(
        AccountId("eip155:31337:0x1"), NATIVE, "sources_disagree", (("a", "1"), ("b", "2"))
    )
    chains = work.case.snapshot.chains
    snapshot = replace(
        work.case.snapshot, chains=(replace(chains[0], failures=(failure,)), *chains[1:])
    )
    (result,) = failed_read(case(snapshot=snapshot), Parameters("", {}))

    assert (result.status, result.facts["answers"]) == ("unknown", "a: 1; b: 2")


@pytest.mark.parametrize(("skew", "status"), [(-7200, "pass"), (7200, "pass"), (7201, "breach")])
def test_a_pin_away_from_the_time_is_a_breach(
    case: Callable[..., Case], work: Work, skew: int, status: str
) -> None:
    chain = work.case.snapshot.chains[0]
    moved = replace(chain, pin=replace(chain.pin, block_time=AS_OF + skew))
    snapshot = replace(work.case.snapshot, chains=(moved,))
    (result,) = as_of_skew(case(snapshot=snapshot), parameters("as_of_skew"))

    assert (result.status, result.facts["skew_seconds"]) == (status, str(skew))


@pytest.mark.parametrize(
    ("age", "status"), [(86_400, "pass"), (86_401, "breach"), (-86_401, "breach")]
)
def test_stale_figures_are_named(case: Callable[..., Case], age: int, status: str) -> None:
    books = Books((Liability(ETH, 1, AS_OF - age),), (price(ETH, 1, AS_OF - age),))
    made = case(books=books)

    assert statuses(stale_liabilities(made, parameters("stale_liabilities"))) == [status]
    assert statuses(stale_price(made, parameters("stale_price"))) == [status]


def test_no_figures_are_not_stale(case: Callable[..., Case]) -> None:
    none = case(books=Books((), ()))

    assert statuses(stale_liabilities(none, parameters("stale_liabilities"))) == ["not_applicable"]
    assert statuses(stale_price(none, parameters("stale_price"))) == ["not_applicable"]


def pack(block: str = "in_force", severity: str = "fail", kind: str = "coverage/2") -> Pack:
    own = next(one for one in CORE.rule if one.id == "coverage")
    rule = Rule("coverage", kind, "", severity, "", own.parameters)  # type: ignore[arg-type]
    return Pack("core", "1", "", (rule,), block)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("block", "severity", "status"),
    [
        ("in_force", "fail", "fail"),
        ("in_force", "warn", "warn"),
        ("proposals", "fail", "would_fail"),
        ("stress", "warn", "would_fail"),
    ],
)
def test_what_is_not_in_force_only_would_fail(
    case: Callable[..., Case], block: str, severity: str, status: str
) -> None:
    ((met, finding),) = judge(case(position(1)), (pack(block, severity),))

    assert (met, finding.status) == (block, status)


def test_unknown_and_not_applicable_stay_what_they_are(case: Callable[..., Case]) -> None:
    none = case(position(1), books=Books((), ()))

    assert judge(none, (pack("proposals"),))[0][1].status == "would_unknown"
    assert judge(none, (pack(),))[0][1].status == "unknown"
    assert judge(case(position(100)), (pack("proposals"),))[0][1].status == "would_pass"


def test_an_unknown_kind_is_an_error(case: Callable[..., Case]) -> None:
    with pytest.raises(InputError, match="unknown rule kind: 'coverage/9'"):
        judge(case(position(1)), (pack(kind="coverage/9"),))


@pytest.mark.parametrize(
    "change",
    [
        {"minimum": 1},
        {"minimum": "1e0"},
        {"minimum": "-1"},
        {"bands": "controlled"},
        {"bands": ()},
        {"owners": 5},
    ],
)
def test_a_limit_is_never_guessed(
    case: Callable[..., Case], change: dict[str, int | str | tuple[str, ...]]
) -> None:
    with pytest.raises(InputError, match=r"parameter coverage\."):
        coverage(case(position(1)), parameters("coverage", **change))


@pytest.mark.parametrize("value", [-1, "5", True, None])
def test_seconds_are_whole_and_not_negative(case: Callable[..., Case], value: int) -> None:
    with pytest.raises(InputError, match="a whole number expected"):
        as_of_skew(case(), parameters("as_of_skew", maximum_seconds=value))


def test_an_unknown_aggregation_is_an_error(case: Callable[..., Case]) -> None:
    with pytest.raises(InputError, match="one of per_asset, total_value"):
        online_share(case(), parameters("online_share_total", aggregation="all"))


def test_every_rule_of_every_shipped_pack_has_a_kind() -> None:
    assert {rule.kind for rule in CORE.rule} <= set(KINDS)


def finding(status: str) -> Finding:
    return Finding(code="", pack="", kind="", status=status, subject="", text="", facts={})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("met", "outcome"),
    [
        ([], "unknown"),
        (["pass", "not_applicable"], "pass"),
        (["pass", "warn"], "pass"),
        (["unknown", "pass"], "unknown"),
        (["unknown", "fail"], "fail"),
    ],
)
def test_the_outcome_is_the_worst_finding(met: list[str], outcome: str) -> None:
    assert outcome_of(tuple(finding(status) for status in met)) == outcome


def test_lines_keep_apart_what_differs(work: Work) -> None:
    held = (position(1), position(2), position(4, method="hot"), position(8, owner="house"))
    summed = lines(held)

    assert sorted(line.units for line in summed) == [3, 4, 8]
    assert sum(line.accounts for line in summed) == 4
    assert in_instrument(summed, work.inputs.registry) == 15


def test_an_asset_with_more_decimals_is_rounded_down(work: Work) -> None:
    # The same instrument with 18 decimals on one chain and 6 on another.
    bridged = AssetId("eip155:56/erc20:0x55d398326f99059fF775485246999027B3197955")
    usdt = InstrumentId("usdt")
    held = (
        position(10**12 * 5 + 10**12 - 1, asset=bridged, instrument=usdt),
        position(3, asset=USDT, instrument=usdt),
    )

    assert in_instrument(lines(held), work.inputs.registry) == 5 + 3


def test_what_is_held_and_not_owed_is_shown(work: Work) -> None:
    held = lines((position(5),))
    (one,) = reckon(Material(held, Books(), work.inputs.registry, (), {}), TABLE)

    assert (one.owed, one.adjusted, one.counted) == (None, None, 5)


@given(st.integers(0, 10**40), st.integers(1, 10**40))
def test_a_written_ratio_is_never_above_the_ratio(numerator: int, denominator: int) -> None:
    ratio = Fraction(numerator, denominator)
    written = Fraction(write_ratio(ratio))

    assert written <= ratio < written + Fraction(1, 10**12)


@given(st.lists(st.tuples(st.integers(0, 10**24), st.sampled_from(["hot", "cold"])), max_size=12))
def test_lines_lose_nothing(amounts: list[tuple[int, str]]) -> None:
    held = tuple(position(units, method=method) for units, method in amounts)

    assert sum(line.units for line in lines(held)) == sum(units for units, _ in amounts)


def test_a_rule_that_cannot_be_judged_is_found_before_anything_is_read(work: Work) -> None:
    rehearse(work.inputs)
    for rule in CORE.rule:
        for key in rule.parameters:
            broken = replace(rule, parameters={**rule.parameters, key: -1})
            policy = replace(work.inputs.policy, packs=(replace(CORE, rule=(broken,)),))
            with pytest.raises(InputError, match=f"parameter {rule.id}.{key}"):
                rehearse(replace(work.inputs, policy=policy))


@pytest.mark.parametrize(("away", "status"), [(0, "pass"), (60 * 86_400, "breach")])
def test_an_old_or_endless_challenge_is_a_breach(
    case: Callable[..., Case], work: Work, away: int, status: str
) -> None:
    issued = work.inputs.challenges
    assert issued is not None
    made = replace(case(), as_of=parse_time(issued.issuedAt) + away)
    endless = replace(issued, expiresAt="9999-01-01T00:00:00Z")

    assert statuses(stale_challenge(made, parameters("stale_challenge"))) == [status]
    for other, expected in ((endless, "breach"), (None, "not_applicable")):
        changed = replace(made, inputs=replace(made.inputs, challenges=other))
        assert statuses(stale_challenge(changed, parameters("stale_challenge"))) == [expected]


def test_a_signature_copied_to_other_accounts_is_named_although_it_is_refuted(
    case: Callable[..., Case], work: Work
) -> None:
    first, second = work.inputs.claims[0], work.inputs.claims[1]
    copied = replace(second, signature=first.signature.upper())
    made = case()
    made = replace(made, inputs=replace(made.inputs, claims=(first, copied)))
    (result,) = reused_signature(made, Parameters("", {}))

    assert (result.status, result.facts["lines"]) == ("breach", "2, 3")


def test_a_nonce_signed_outside_of_its_text_is_named(case: Callable[..., Case], work: Work) -> None:
    issued = work.inputs.challenges
    assert issued is not None
    claim = work.inputs.claims[0]
    own = issued.texts[claim.subjects[0].id]
    other = next(text for text in issued.texts.values() if text != own)

    def judged(message: str, encoding: Encoding = "utf8") -> list[str]:
        changed = (replace(claim, message=message, encoding=encoding),)
        made = case()
        made = replace(made, inputs=replace(made.inputs, claims=changed))
        return statuses(misused_challenge(made, Parameters("", {})))

    for right in ("@challenge", own, short_text(issued, claim.subjects[0].id), "", issued.entity):
        assert judged(right) == ["pass"]
    assert judged(own.encode().hex(), "hex") == ["pass"]
    for wrong in (other, own + " ", issued.nonce, own.replace("\n", " ")):
        assert judged(wrong) == ["breach"]
        assert judged(f"0x{wrong.encode().hex()}", "hex") == ["breach"]
    for unread in ("zz", "ff"):
        assert judged(unread, "hex") == ["pass"]
    bare = case()
    bare = replace(bare, inputs=replace(bare.inputs, challenges=None))
    assert statuses(misused_challenge(bare, Parameters("", {}))) == ["not_applicable"]


def test_a_copied_and_verified_signature_is_named_once(
    case: Callable[..., Case], work: Work
) -> None:
    first, second = work.inputs.claims[0], work.inputs.claims[1]
    copied = replace(second, signature=first.signature)
    controls = tuple(
        Control(one.account, "eip191", "proved", "D", None, (), one.line, (), ("aa",))
        for one in (first, copied)
    )
    made = case(controls=controls)
    made = replace(made, inputs=replace(made.inputs, claims=(first, copied)))

    assert statuses(reused_signature(made, Parameters("", {}))) == ["breach"]
