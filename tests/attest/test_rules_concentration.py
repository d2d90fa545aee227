"""What lies under one signing domain, and what the entity issues itself."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.rules.case import write_ratio
from attest.rules.concentration import domain_share
from attest.rules.holding import UNNAMED
from attest.rules.own_share import own_token_share
from attest.rules.parameters import Parameters
from chains.snapshot import FailedRead
from config.errors import InputError
from tests.attest.regulated import ASSETS, Exchange, findings, fx1, held, price, units

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.positions import Position
    from attest.rules.case import Case, Result

HALF = Parameters("domain_share", {"limit": "0.5"})
TWENTIETH = Parameters("own_token_share", {"limit": "0.05"})
AMOUNTS = st.integers(min_value=0, max_value=10**30)


def keeping(*rows: tuple[str, Position]) -> Exchange:
    """Give an exchange that keeps nothing else, each position under its domain, or none."""
    domains = {str(one.account): domain for domain, one in rows if domain}
    holdings = tuple(one for _, one in rows)
    return replace(fx1(), holdings=holdings, domains=domains, prices=())


def under(*rows: tuple[str, int], name: str = "btc") -> Exchange:
    """Give one that keeps base units of an instrument, offline and under its control."""
    return keeping(*((domain, held(name, amount, at)) for at, (domain, amount) in enumerate(rows)))


def judged(exchange: Exchange, work: Work) -> dict[str, Result]:
    return {one.subject: one for one in domain_share(exchange.case(work), HALF)}


def failing(case: Case, work: Work, number: int, asset: str = "btc") -> Case:
    """Give a case in which an asset could not be read at the account of a position."""
    failed = FailedRead(case.positions[number].account, ASSETS[asset], "sources_disagree", ())
    chain = replace(work.case.snapshot.chains[0], failures=(failed,))
    kept = tuple(one for at, one in enumerate(case.positions) if at != number)
    return replace(case, positions=kept, snapshot=replace(work.case.snapshot, chains=(chain,)))


@pytest.mark.parametrize(
    ("rows", "status", "share"),
    [
        ((("a", 50), ("b", 50)), "pass", "0.500000000000"),
        ((("a", 51), ("b", 50)), "breach", "0.504950495049"),
        ((("a", 50), ("b", 51)), "breach", "0.504950495049"),
        ((("a", 30), ("b", 40), ("a", 10)), "pass", "0.500000000000"),
        ((("a", 30), ("b", 40), ("A", 11)), "breach", "0.506172839506"),
        ((("a", 1),), "breach", "1.000000000000"),
        # What states no domain is one, and could be part of any.
        ((("", 50), ("a", 40), ("", 11)), "breach", "0.603960396039"),
        ((("", 10), ("a", 50), ("b", 60)), "unknown", "0.500000000000"),
        ((("", 1), ("a", 49), ("b", 49), ("c", 1)), "pass", "0.490000000000"),
        ((("", 2), ("a", 49), ("b", 49)), "unknown", "0.490000000000"),
        ((("Not Stated", 2), ("a", 49), ("b", 49)), "unknown", "0.490000000000"),
        ((("", 50), ("", 50)), None, ""),
    ],
)
def test_half_may_lie_under_one_domain(
    work: Work, rows: tuple[tuple[str, int], ...], status: str | None, share: str
) -> None:
    found = judged(under(*rows), work)
    if status is None:
        assert [("unknown", "")] == [(one.status, one.subject) for one in found.values()]
        assert "states its signing domain" in found[""].text
        return
    assert (status, share) == (found["btc"].status, found["btc"].facts["share"])
    assert write_ratio(Fraction(1, 2)) == found["btc"].facts["limit"]


def test_the_numbers_of_a_share_are_all_there(work: Work) -> None:
    (found,) = judged(under(("vault-a/1", 51), ("", 49), name="eth"), work).values()
    assert {
        "domain": "vault-a/1",
        "share": "0.510000000000",
        "limit": "0.500000000000",
        "distance": "-0.010000000000",
        "domains": "2",
        "inputs/under one domain/value": "0.000000000000000051 eth",
        "inputs/under one domain/grade": (
            "chain; method, holder, owner and signing domain declared"
        ),
        "inputs/under one domain/source": "accounts.csv",
        "inputs/offline/value": "0.0000000000000001 eth",
        "inputs/offline/grade": "chain; method, holder, owner and signing domain declared",
        "inputs/offline/source": "accounts.csv",
        "domains/1/name": "vault-a/1",
        "domains/1/under": "0.000000000000000051 eth",
        "domains/1/share": "0.510000000000",
        "domains/2/name": UNNAMED,
        "domains/2/under": "0.000000000000000049 eth",
        "domains/2/share": "0.490000000000",
    } == found.facts
    assert found.text == (
        "eth: 0.510000000000 of what is kept offline lies under one signing domain, vault-a/1; "
        "at most 0.500000000000 is allowed"
    )


@pytest.mark.parametrize(
    ("change", "share"),
    [
        # Neither a failed or missing proof nor a vague owner takes anything away,
        ({"band": "observed"}, "0.500000000000"),
        ({"band": "none"}, "0.500000000000"),
        ({"owner": "mixed"}, "0.500000000000"),
        ({"owner": "unallocated"}, "0.500000000000"),
        # and what is not customers' or not offline is no part of it.
        ({"owner": "house"}, "0.000000000000"),
        ({"owner": "guarantee"}, "0.000000000000"),
        ({"method": "hot"}, "0.000000000000"),
        ({"holder": "Example Custody"}, "0.000000000000"),
    ],
)
def test_all_that_may_be_there_lies_under_a_domain(
    work: Work, change: dict[str, str], share: str
) -> None:
    exchange = keeping(
        ("a", held("btc", 50, 1, **change)),
        ("b", held("btc", 30, 2)),
        ("c", held("btc", 20, 3)),
    )
    rows = {
        found.facts[f"domains/{at}/name"]: found.facts[f"domains/{at}/share"]
        for found in judged(exchange, work).values()
        for at in range(1, int(found.facts["domains"]) + 1)
    }
    assert share == rows.get("a", "0.000000000000")


@pytest.mark.parametrize("change", [{"band": "observed"}, {"band": "none"}, {"owner": "mixed"}])
def test_what_is_not_shown_makes_no_other_domain_smaller(
    work: Work, change: dict[str, str]
) -> None:
    strange = held("btc", 10**9, 1, **change)
    found = judged(keeping(("a", held("btc", 50, 2)), ("b", strange)), work)["btc"]
    assert ("1.000000000000", "1.000000000000") == (
        found.facts["domains/1/share"],
        found.facts["share"],
    )
    assert "a" == found.facts["domains/1/name"]


def test_a_total_is_judged_in_each_currency_of_the_table(work: Work) -> None:
    rows = (("a", held("btc", units("btc", 3))), ("b", held("eth", units("eth", 100))))
    exchange = replace(keeping(*rows), prices=(price("btc", 15_000_000), price("eth", 450_000)))
    found = judged(exchange, work)
    # 45 million each.
    assert {"btc": "breach", "eth": "breach", "jpy": "pass"} == {
        name: one.status for name, one in found.items()
    }
    facts = found["jpy"].facts
    assert ("0.500000000000", "jpy") == (facts["share"], facts["currency"])
    assert "45000000 jpy" == facts["domains/1/under"]
    assert "450000 jpy" == facts["inputs/price of eth/value"]

    more = (("a", held("btc", units("btc", 3) + 1)), rows[1])
    assert (
        "breach"
        == judged(replace(exchange, holdings=tuple(one for _, one in more)), work)["jpy"].status
    )

    dear = replace(exchange, prices=(*exchange.prices, price("btc", 100_000, "usd")))
    found = judged(dear, work)
    assert ("unknown", "eth") == (found["usd"].status, found["usd"].facts["missing"])


def test_what_was_not_read_could_lie_under_any_domain(work: Work) -> None:
    case = under(("a", 50), ("b", 50), ("c", 50)).case(work)
    (result,) = domain_share(failing(case, work, 2), HALF)
    assert ("unknown", "1") == (result.status, result.facts["unread"])
    (result,) = domain_share(
        failing(under(("a", 51), ("b", 50), ("c", 1)).case(work), work, 2), HALF
    )
    assert "breach" == result.status
    (result,) = domain_share(failing(under(("a", 50)).case(work), work, 0), HALF)
    assert ("unknown", "") == (result.status, result.subject)
    hot = keeping(
        ("a", held("btc", 50, 1)), ("b", held("btc", 50, 2)), ("h", held("btc", 1, 3, method="hot"))
    )
    (result,) = domain_share(failing(hot.case(work), work, 2), HALF)
    assert "pass" == result.status


def test_nothing_offline_lies_under_no_domain(work: Work) -> None:
    hot = keeping(("a", held("btc", 50, method="hot")))
    assert ["not_applicable"] == [one.status for one in judged(hot, work).values()]


@given(rows=st.lists(st.tuples(st.sampled_from(("a", "b", "c", "d")), AMOUNTS), min_size=1))
def test_the_largest_share_is_that_of_the_sums(work: Work, rows: list[tuple[str, int]]) -> None:
    sums: dict[str, int] = {}
    for domain, amount in rows:
        sums[domain] = sums.get(domain, 0) + amount
    whole = sum(sums.values())
    found = judged(under(*rows), work)
    if not whole:
        assert ["not_applicable"] == [one.status for one in found.values()]
        return
    share = Fraction(max(sums.values()), whole)
    assert write_ratio(share) == found["btc"].facts["share"]
    assert ("breach" if share > Fraction(1, 2) else "pass") == found["btc"].status
    backwards = replace(exchange := under(*rows), holdings=exchange.holdings[::-1])
    assert found == judged(backwards, work)


@given(
    first=AMOUNTS.filter(bool), second=AMOUNTS, loose=AMOUNTS, stated=st.sampled_from(("a", "b"))
)
def test_leaving_a_domain_out_never_makes_a_pass(
    work: Work, first: int, second: int, loose: int, stated: str
) -> None:
    said = judged(under(("a", first), ("b", second), (stated, loose)), work)["btc"]
    kept = judged(under(("a", first), ("b", second), ("", loose)), work)["btc"]
    assert "pass" != kept.status or "pass" == said.status


def own(exchange: Exchange, work: Work, *names: str) -> Case:
    """Give a case of an exchange that issues some of what it holds."""
    case = exchange.case(work)
    declared = case.inputs.declaration
    issued = replace(declared.attestation, own_assets=tuple(ASSETS[name] for name in names))
    inputs = replace(case.inputs, declaration=replace(declared, attestation=issued))
    return replace(case, inputs=inputs)


def of_own(btc: int, xrp: int, **change: object) -> Exchange:
    """Give one that holds btc at 19 jpy a unit of the eighth place, and so many own at 1 jpy."""
    return replace(
        fx1(),
        holdings=(held("btc", btc), held("xrp", xrp, 1, **change)),
        prices=(price("btc", 19 * 10**8), price("xrp", 10**6)),
    )


def test_a_twentieth_may_be_own(work: Work) -> None:
    (result,) = own_token_share(own(of_own(7, 7), work, "xrp"), TWENTIETH)
    assert ("pass", "jpy", "0.050000000000", "0") == (
        result.status,
        result.subject,
        result.facts["share"],
        result.facts["distance"],
    )
    assert ("7", "140", "7") == tuple(result.facts[key] for key in ("own", "held", "limit_value"))
    assert "1000000 jpy" == result.facts["inputs/price of xrp/value"]
    (result,) = own_token_share(own(of_own(7, 8), work, "xrp"), TWENTIETH)
    assert ("breach", "-0.95") == (result.status, result.facts["distance"])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"owner": "mixed"}, "breach"),
        ({"owner": "unallocated"}, "breach"),
        ({"band": "none"}, "breach"),
        ({"method": "hot", "holder": "Example Custody"}, "breach"),
        ({"owner": "house"}, "pass"),
    ],
)
def test_no_word_or_failed_proof_hides_own_assets(
    work: Work, change: dict[str, str], status: str
) -> None:
    (result,) = own_token_share(own(of_own(7, 8, **change), work, "xrp"), TWENTIETH)
    assert status == result.status


@pytest.mark.parametrize("change", [{"owner": "mixed"}, {"owner": "house"}, {"band": "none"}])
def test_what_is_vague_or_refuted_makes_no_share_smaller(
    work: Work, change: dict[str, str]
) -> None:
    exchange = of_own(7, 8)
    more = held("btc", 10**20, 2, **change)
    wider = replace(exchange, holdings=(*exchange.holdings, more))
    (result,) = own_token_share(own(wider, work, "xrp"), TWENTIETH)
    assert ("breach", "141") == (result.status, result.facts["held"])


def test_without_a_price_an_answer_that_hangs_on_it_is_unknown(work: Work) -> None:
    (few, many) = (
        replace(one, holdings=(*one.holdings, held("eth", 1, 2)))
        for one in (of_own(7, 7), of_own(7, 8))
    )
    # Another asset could only make the share smaller,
    (result,) = own_token_share(own(few, work, "xrp"), TWENTIETH)
    assert ("pass", "eth") == (result.status, result.facts["missing"])
    (result,) = own_token_share(own(many, work, "xrp"), TWENTIETH)
    assert ("unknown", "eth") == (result.status, result.facts["missing"])
    # an own one only larger.
    (result,) = own_token_share(own(few, work, "xrp", "eth"), TWENTIETH)
    assert "unknown" == result.status
    (result,) = own_token_share(own(many, work, "xrp", "eth"), TWENTIETH)
    assert "breach" == result.status


def test_own_assets_without_any_price_are_not_judged(work: Work) -> None:
    bare = replace(of_own(7, 7), prices=())
    (result,) = own_token_share(own(bare, work, "xrp"), TWENTIETH)
    assert ("unknown", "no spot prices were given, and own assets are held: xrp") == (
        result.status,
        result.text,
    )
    averaged = replace(bare, prices=(price("xrp", 1, basis="avg_1y"),))
    assert ["unknown"] == [
        one.status for one in own_token_share(own(averaged, work, "xrp"), TWENTIETH)
    ]


def test_of_none_that_is_held_no_price_is_wanted(work: Work) -> None:
    bare = own(replace(of_own(7, 0), prices=()), work, "xrp")
    for asset, status in ((None, "pass"), ("btc", "pass"), ("xrp", "unknown")):
        case = bare if asset is None else failing(bare, work, 1, asset)
        assert [status] == [one.status for one in own_token_share(case, TWENTIETH)]


@pytest.mark.parametrize(
    ("amount", "asset", "status"),
    [(7, "xrp", "unknown"), (7, "btc", "pass"), (8, "xrp", "breach"), (8, "btc", "unknown")],
)
def test_what_was_not_read_could_be_own_or_another(
    work: Work, amount: int, asset: str, status: str
) -> None:
    exchange = of_own(7, amount)
    wider = replace(exchange, holdings=(*exchange.holdings, held("eth", 0, 9)))
    (result,) = own_token_share(failing(own(wider, work, "xrp"), work, 2, asset), TWENTIETH)
    assert (status, "1") == (result.status, result.facts["unread"])
    house = replace(exchange, holdings=(*exchange.holdings, held("eth", 0, 9, owner="house")))
    (result,) = own_token_share(failing(own(house, work, "xrp"), work, 2, asset), TWENTIETH)
    assert ("pass" if amount == 7 else "breach") == result.status


@given(btc=AMOUNTS, xrp=AMOUNTS.filter(bool))
def test_the_share_is_that_of_the_values(work: Work, btc: int, xrp: int) -> None:
    (result,) = own_token_share(own(of_own(btc, xrp), work, "xrp"), TWENTIETH)
    share = Fraction(xrp, 19 * btc + xrp)
    assert write_ratio(share) == result.facts["share"]
    assert ("pass" if share <= Fraction(1, 20) else "breach") == result.status


@pytest.mark.parametrize("kind", [domain_share, own_token_share])
@pytest.mark.parametrize("limit", [None, 1, "half"])
def test_a_limit_is_never_guessed(work: Work, kind: object, limit: object) -> None:
    values = {} if limit is None else {"limit": limit}
    with pytest.raises(InputError, match=r"rule\.limit"):
        kind(fx1().case(work), Parameters("rule", values))  # type: ignore[operator, arg-type]


def test_the_core_warns_and_waits_for_neither(work: Work) -> None:
    exchange = replace(fx1(), domains={one.account: "vault" for one in fx1().holdings})
    found = findings(own(exchange, work, "xrp"), "core")
    assert {("warn", False)} == {
        (found[key].status, found[key].required)
        for key in ("domain_share:btc", "domain_share:jpy", "own_token_share:jpy")
    }
    # 60 of 250 thousand million yen, the coins that are kept online too.
    assert "0.240000000000" == found["own_token_share:jpy"].facts["share"]
