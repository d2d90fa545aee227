from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.rules.case import NAMED
from config.errors import InputError
from tests.attest.regulated import findings, fx1, held, insurance, reserve, units
from tests.attest.stressed import judged, one, unread

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.positions import Position
    from tests.attest.regulated import Exchange

RULE = "one_signing_domain"
REVERSE = "smallest_by_signing_domain"
ROWS = fx1().holdings
HOT, COLD = ROWS[:3], ROWS[3:6]


def signed_by(
    domains: dict[str, tuple[Position, ...]], more: tuple[Position, ...] = ()
) -> Exchange:
    named = {str(row.account): name for name, rows in domains.items() for row in rows}
    return replace(fx1(), holdings=(*ROWS, *more), domains=named)


def test_the_domain_of_the_largest_value_is_lost(work: Work) -> None:
    exchange = signed_by({"desk": HOT, "vault": COLD})
    found = findings(exchange.case(work), "past-losses")[RULE]

    assert ("would_fail", "jpy", "vault") == (
        found.status,
        found.subject,
        found.facts["signing_domain"],
    )
    assert ("239500000000", "234520000000") == (found.facts["gross"], found.facts["shortfall"])
    assert "2" == found.facts["domains"]
    assert "0.020793319415" == found.facts["cover"]
    assert "domain_not_stated" not in found.facts


def test_a_tier_chooses_what_of_a_domain_is_lost(work: Work) -> None:
    exchange = signed_by({"desk": (*HOT, *COLD)})
    gross = {
        tier: one(work, exchange, RULE, tier=tier).facts["gross"]
        for tier in ("online", "offline", "both")
    }

    assert {"online": "10500000000", "offline": "239500000000", "both": "250000000000"} == gross
    online = one(work, exchange, RULE, tier="online")
    assert ("300000000", "pass") == (online.facts["uncovered"], online.status)


def test_a_fraction_of_a_domain(work: Work) -> None:
    exchange = signed_by({"desk": HOT, "vault": COLD})

    assert "2395000000" == one(work, exchange, RULE, fraction="0.01").facts["gross"]
    assert "not_applicable" == one(work, exchange, RULE, fraction="0").status


def test_accounts_that_state_no_domain_are_one_and_may_belong_to_any_other(work: Work) -> None:
    exchange = replace(
        signed_by({"desk": HOT}),
        holdings=(*HOT, *COLD[:1]),
        reserves=(reserve("liability_reserve", 144_000_000_000),),
        insurance=(),
    )
    result = one(work, exchange, RULE)

    # 10.5bn at the desk, 144bn of nobody knows whom: each could be paid, not both together.
    assert ("unknown", "not stated") == (result.status, result.facts["signing_domain"])
    assert "144000000000" == result.facts["domain_not_stated"]
    assert "the signing domain of every account" == result.facts["missing"]
    enough = replace(exchange, reserves=(reserve("liability_reserve", 154_500_000_000),))
    assert "pass" == one(work, enough, RULE).status
    less = replace(exchange, reserves=(reserve("liability_reserve", 143_999_999_999),))
    assert "breach" == one(work, less, RULE).status


def test_a_custodian_is_a_domain_of_his_own(work: Work) -> None:
    stated = held("btc", units("btc", 20_000), 9, holder="Trust Co", band="attested")
    stated = replace(stated, account="custody:0")  # type: ignore[arg-type]  # as they are made
    exchange = signed_by({"desk": HOT, "vault": COLD}, (stated,))

    assert "custodian Trust Co" == one(work, exchange, RULE).facts["signing_domain"]


def test_nothing_held_is_nothing_lost(work: Work) -> None:
    empty = replace(fx1(), holdings=())

    assert ["not_applicable"] == [row.status for row in judged(empty.case(work), RULE)]
    assert ["not_applicable"] == [row.status for row in judged(empty.case(work), REVERSE)]


def test_without_a_price_the_largest_domain_is_not_known(work: Work) -> None:
    exchange = replace(signed_by({"desk": HOT, "vault": COLD}), prices=())

    assert "unknown" == one(work, exchange, RULE).status
    assert {"unknown"} == {row.status for row in judged(exchange.case(work), REVERSE)}


def test_a_domain_of_which_accounts_were_not_read(work: Work) -> None:
    exchange = replace(
        signed_by({"desk": HOT, "vault": COLD}),
        reserves=(reserve("liability_reserve", 10**12),),
    )
    case = unread(exchange.case(work), work, HOT[0].account)

    assert "pass" == one(work, exchange, RULE).status
    assert "unknown" == judged(case, RULE)[0].status
    status = {row.subject: row.status for row in judged(case, REVERSE)}
    assert {"desk online": "unknown", "vault offline": "pass"} == status


@pytest.mark.parametrize(
    "change", [{"fraction": "2"}, {"fraction": None}, {"tier": "x"}, {"peril": None}]
)
def test_a_scenario_of_a_wrong_form_is_refused(work: Work, change: dict[str, str | None]) -> None:
    with pytest.raises(InputError):
        one(work, fx1(), RULE, **change)


# The smallest loss of a domain that is not covered.


def test_each_domain_is_judged_by_the_way_its_coins_are_kept(work: Work) -> None:
    exchange = signed_by({"desk": HOT, "vault": COLD[:2], "old vault": COLD[2:]})
    found = {row.subject: row for row in judged(exchange.case(work), REVERSE)}

    assert {"vault offline": "breach", "old vault offline": "breach", "desk online": "pass"} == {
        name: row.status for name, row in found.items()
    }
    assert ["vault offline", "old vault offline", "desk online"] == list(found)
    vault, desk = found["vault offline"].facts, found["desk online"].facts
    assert ("182500000000", "4980000001") == (vault["exposed"], vault["smallest"])
    assert "0.027287671238" == vault["share_of_exposed"]
    assert ("10500000000", "300000000", "4680000001") == (
        desk["held"],
        desk["exposed"],
        desk["distance"],
    )


def test_a_domain_is_covered_only_with_what_may_belong_to_it(work: Work) -> None:
    exchange = replace(
        signed_by({"desk": COLD[1:2]}),
        holdings=COLD[:2],
        reserves=(reserve("liability_reserve", 150_000_000_000),),
        insurance=(),
    )
    found = {row.subject: row for row in judged(exchange.case(work), REVERSE)}

    # 38.5bn by the desk, 144bn by nobody knows whom.
    assert {"desk offline": "unknown", "not stated offline": "pass"} == {
        name: row.status for name, row in found.items()
    }
    assert "the signing domain of every account" in found["desk offline"].text


def test_many_domains_are_counted_and_the_worst_are_named(work: Work) -> None:
    rows = tuple(held("btc", units("btc", 400 + number), number) for number in range(NAMED + 5))
    exchange = replace(
        fx1(), holdings=rows, domains={row.account: f"d{n:02d}" for n, row in enumerate(rows)}
    )
    results = judged(exchange.case(work), REVERSE)

    assert NAMED + 1 == len(results)
    assert ("d24 offline", "others") == (results[0].subject, results[-1].subject)
    assert "5 other groups, none of them worse" == results[-1].text
    assert {"breach"} == {row.status for row in results}


def test_a_policy_of_the_other_scope_leaves_more(work: Work) -> None:
    exchange = replace(
        signed_by({"desk": HOT, "vault": COLD}), insurance=(insurance(10**12, scope=("hot",)),)
    )
    found = {row.subject: row for row in judged(exchange.case(work), REVERSE)}

    assert "1980000001" == found["vault offline"].facts["smallest"]
    assert "1001980000001" == found["desk online"].facts["smallest"]


def test_two_spellings_of_a_vault_are_one(work: Work) -> None:
    exchange = fx1()
    names = [one.account for one in exchange.holdings]
    one = replace(exchange, domains=dict.fromkeys(names, "Vault"))
    two = replace(one, domains={name: ("VAULT", "vault")[at % 2] for at, name in enumerate(names)})
    none = replace(one, domains=dict.fromkeys(names, "Not Stated"))

    def said(made: Exchange) -> set[tuple[str, str]]:
        found = findings(made.case(work), "past-losses")
        return {(key.casefold(), row.status) for key, row in found.items() if "domain" in key}

    assert said(one) == said(two)
    assert said(none) == said(replace(one, domains={}))
