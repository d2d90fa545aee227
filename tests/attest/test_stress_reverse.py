from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attest.rules.insured import Policy, paid
from attest.rules.stress.threshold import smallest_unpaid
from config.errors import InputError
from tests.attest.regulated import fx1, held, insurance, reserve, units
from tests.attest.stressed import judged, one, unread

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Result
    from tests.attest.regulated import Exchange

COINS = "smallest_by_instrument"
TIERS = "smallest_by_tier"


def found(work: Work, exchange: Exchange, rule: str) -> dict[str, Result]:
    return {row.subject: row for row in judged(exchange.case(work), rule)}


def test_each_instrument_of_fx1(work: Work) -> None:
    results = found(work, fx1(), COINS)

    assert {
        "btc online": ("pass", "732.00000001"),
        "eth online": ("pass", "12960.000000000000000001"),
        "xrp online": ("pass", "25600000.000001"),
        "btc offline": ("breach", "332.00000001"),
        "eth offline": ("breach", "9960.000000000000000001"),
        "xrp offline": ("breach", "16600000.000001"),
    } == {name: (row.status, row.facts["quantity"]) for name, row in results.items()}
    btc, xrp = results["btc offline"].facts, results["xrp online"].facts
    assert ("4980000000.15", "144000000000") == (btc["smallest"], btc["exposed"])
    assert "0.034583333334" == btc["share_of_held"]
    assert ("300000000", "4980000000.0003") == (xrp["exposed"], xrp["smallest"])
    assert "2.560000000000" == xrp["share_of_held"]


def test_each_tier_of_fx1(work: Work) -> None:
    results = found(work, fx1(), TIERS)

    assert {
        "online": ("pass", "300000000", "4980000001"),
        "offline": ("breach", "239500000000", "4980000001"),
    } == {
        name: (row.status, row.facts["exposed"], row.facts["smallest"])
        for name, row in results.items()
    }


@pytest.mark.parametrize(
    ("amount", "status"),
    [(33_200_000_000, "pass"), (33_200_000_001, "breach"), (33_199_999_999, "pass")],
)
def test_one_base_unit_decides(work: Work, amount: int, status: str) -> None:
    exchange = replace(fx1(), holdings=(held("btc", amount),))

    assert status == found(work, exchange, COINS)["btc offline"].status
    # The same loss of all bitcoin, replayed.
    assert status == one(work, exchange, "dmm_2024_all").status


def test_a_small_loss_may_be_uncovered_below_a_deductible(work: Work) -> None:
    exchange = replace(
        fx1(),
        reserves=(reserve("liability_reserve", 10**9),),
        insurance=(insurance(10**12, 2 * 10**9),),
    )

    assert "1000000001" == found(work, exchange, TIERS)["offline"].facts["smallest"]


# What is missing.


def test_a_price_that_is_missing(work: Work) -> None:
    prices = tuple(row for row in fx1().prices if row.instrument != "eth")
    exchange = replace(fx1(), prices=prices)
    coins = found(work, exchange, COINS)

    # All ether online is matched in kind, by whatever price.
    assert "pass" == coins["eth online"].status
    assert ("unknown", "not known") == (
        coins["eth offline"].status,
        coins["eth offline"].facts["quantity"],
    )
    assert "a spot price of eth in jpy" == coins["eth offline"].facts["missing"]
    assert "breach" == found(work, exchange, TIERS)["offline"].status
    bare = found(work, replace(fx1(), prices=()), TIERS)
    assert {"unknown"} == {row.status for row in bare.values()}


@pytest.mark.parametrize("change", [{"reserves": ()}, {"reserves": None}])
def test_a_reserve_that_is_not_stated(work: Work, change: dict[str, object]) -> None:
    coins = found(work, replace(fx1(), **change), COINS)  # type: ignore[arg-type]  # by name

    assert "unknown" == coins["btc offline"].status
    assert "pass" == coins["btc online"].status
    assert "the liability reserve" in coins["btc offline"].text


def test_accounts_that_were_not_read(work: Work) -> None:
    case = fx1().case(work)
    (hot,) = (row.id for row in case.inputs.accounts.rows if row.method == "hot" and row.line == 2)
    results = {row.subject: row.status for row in judged(unread(case, work, hot), TIERS)}
    assert {"online": "unknown", "offline": "breach"} == results

    alone = replace(case, positions=(), lines=())
    for rule in (COINS, TIERS):
        results = {row.subject: row.status for row in judged(unread(alone, work, hot), rule)}
        assert {"online": "unknown"} == results
        assert ["not_applicable"] == [row.status for row in judged(alone, rule)]


def test_guarantee_assets_that_were_not_read(work: Work) -> None:
    exchange = replace(
        fx1(), reserves=(reserve("liability_reserve", 0),), insurance=(), prices=fx1().prices
    )
    case = exchange.case(work)
    own = next(row.id for row in case.inputs.accounts.rows if row.owner == "guarantee")
    before, after = (
        {row.subject: row for row in judged(one_case, COINS)}
        for one_case in (case, unread(case, work, own))
    )

    assert ("breach", "9000000.000001") == (
        before["xrp online"].status,
        before["xrp online"].facts["quantity"],
    )
    assert ("unknown", "not known") == (
        after["xrp online"].status,
        after["xrp online"].facts["quantity"],
    )
    assert "breach" == after["xrp offline"].status


@pytest.mark.parametrize(
    "change",
    [{"by": "account"}, {"by": None}, {"peril": "x"}, {"currency": "x"}, {"grades": None}],
)
def test_a_rule_of_a_wrong_form_is_refused(work: Work, change: dict[str, str | None]) -> None:
    with pytest.raises(InputError):
        judged(fx1().case(work), TIERS, **change)


# The smallest loss and the replay agree.

POLICIES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 60)).map(
        lambda pair: Policy(Fraction(sum(pair), 7), Fraction(pair[0], 7))
    ),
    max_size=4,
)


def short(policies: list[Policy], own: Fraction, loss: Fraction) -> bool:
    return loss - paid(policies, loss) > own


@given(
    policies=POLICIES,
    own=st.integers(0, 40).map(lambda n: Fraction(n, 3)),
    step=st.sampled_from([Fraction(1, 9), Fraction(1), Fraction(5, 2), Fraction(40)]),
)
# A stretch that is uncovered and lies between two steps.
@example(
    policies=[Policy(Fraction(100), Fraction(10)), Policy(Fraction(100), Fraction(10))],
    own=Fraction(5),
    step=Fraction(40),
)
@example(policies=[], own=Fraction(), step=Fraction(1))
def test_the_smallest_loss_is_uncovered_and_each_smaller_one_is_covered(
    policies: list[Policy], own: Fraction, step: Fraction
) -> None:
    steps = smallest_unpaid(policies, own, step)

    assert short(policies, own, steps * step)
    assert not any(short(policies, own, number * step) for number in range(steps))


@settings(max_examples=40)
@given(
    limits=st.lists(
        st.tuples(st.integers(0, 10**10), st.integers(1, 10**10)), min_size=0, max_size=3
    ),
    own=st.integers(0, 10**10),
)
def test_the_replay_of_a_unit_less_is_covered_and_of_the_smallest_loss_is_not(
    work: Work, limits: list[tuple[int, int]], own: int
) -> None:
    policies = tuple(
        insurance(sum(pair), pair[0], where=f"insurance.{number}")
        for number, pair in enumerate(limits)
    )
    plain = replace(
        fx1(), reserves=(reserve("liability_reserve", own),), insurance=policies, holdings=()
    )
    probe = replace(plain, holdings=(held("btc", units("btc", 10_000)),))
    quantity = found(work, probe, COINS)["btc offline"].facts["quantity"]
    amount = int(Fraction(quantity) * 10**8)

    for lost, status in ((amount, "breach"), (amount - 1, "pass")):
        if not lost:
            continue
        exchange = replace(plain, holdings=(held("btc", lost),))
        assert status == one(work, exchange, "dmm_2024_all").status
        assert status == found(work, exchange, COINS)["btc offline"].status
