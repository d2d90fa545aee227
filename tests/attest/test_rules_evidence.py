"""Rules about how balances are known, what assets are, and what a reading could not show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from attest.allocating import index_allocations
from attest.assess import assess
from attest.bands import bands_of, bases_of
from attest.cli.load import tool
from attest.plan import declared_assets, plan_chains, rated_assets
from attest.positions import Ground, copies_of_declared, positions
from attest.rates import rate_questions, token_rates
from attest.rules.assets import counted_twice, own_token, token_rate
from attest.rules.parameters import Parameters
from attest.rules.reading import REMARKS, reading_remark, state_proof
from chains.snapshot import (
    Answer,
    Balance,
    ChainSnapshot,
    Pin,
    Proving,
    Remark,
    RemarkCode,
    Snapshot,
)
from config.accounts import Account, Accounts, KeyRange
from config.caip import AccountId, AssetId, ChainId
from config.errors import InputError
from config.policy import parse_pack, shipped_pack

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case
    from config.registry import Asset

ETHEREUM, BASE = ChainId("eip155:1"), ChainId("eip155:8453")
ESCROW = AccountId("eip155:1:0x49048044D57e1C92A77f79988d21Fa8fAF74E97e")
ON_BASE = AccountId("eip155:8453:0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
HOLDER = AccountId("eip155:1:0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
BASE_ETH, ETH = AssetId("eip155:8453/slip44:60"), AssetId("eip155:1/slip44:60")
WSTETH = AssetId("eip155:1/erc20:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0")
NO_PARAMETERS = Parameters("rule", {})


def pin(chain: ChainId) -> Pin:
    return Pin(chain, 7, "0x" + "ab" * 32, 1_800_000_000, 3)


def account(name: AccountId) -> Account:
    return Account(name, "cold", "self", "customer", (), "", "", 2)


def holding(name: AccountId, asset: AssetId, units: int) -> Balance:
    return Balance(name, asset, units, 0, "state_proof", ("node-1",))


def case_of(
    work: Work, *held: Balance, wrapped: tuple[AssetId, ...] = (), **change: object
) -> Case:
    """Make a case in which these balances, and no other, were read."""
    declared = work.inputs.declaration
    attestation = replace(declared.attestation, wrapped_assets=wrapped)
    attestation = replace(attestation, **change)  # type: ignore[arg-type]  # fields by name
    rows = tuple(account(name) for name in dict.fromkeys(one.account for one in held))
    inputs = replace(
        work.inputs,
        declaration=replace(declared, attestation=attestation),
        accounts=Accounts(rows, ()),
    )
    chains = dict.fromkeys(ChainId(":".join(one.account.split(":")[:2])) for one in held)
    snapshot = Snapshot(
        tuple(
            ChainSnapshot(
                pin(chain), tuple(b for b in held if b.account.startswith(chain + ":")), ()
            )
            for chain in sorted(chains)
        )
    )
    bands = bands_of(inputs.accounts, inputs.registry, snapshot, ())
    bases = bases_of(inputs.accounts, (), bands)
    ground = Ground(
        inputs.accounts, inputs.registry, wrapped, bands, bases, index_allocations(None)
    )
    found = positions(ground, snapshot)
    return replace(work.case, inputs=inputs, snapshot=snapshot, positions=found, controls=())


def _on(chain: ChainId, held: tuple[Balance, ...]) -> list[Balance]:
    return [balance for balance in held if balance.account.startswith(f"{chain}:")]


def test_a_copy_counts_where_its_escrow_is_not_declared(work: Work) -> None:
    case = case_of(work, holding(ON_BASE, BASE_ETH, 5), wrapped=(BASE_ETH,))
    assert [one.instrument for one in case.positions] == ["eth"]
    (result,) = counted_twice(case, NO_PARAMETERS)
    assert result.status == "pass"


def test_a_coin_in_a_bridge_and_its_copy_count_once(work: Work) -> None:
    held = (holding(ESCROW, ETH, 7), holding(ON_BASE, BASE_ETH, 5))
    case = case_of(work, *held, wrapped=(BASE_ETH,))
    assert {one.asset: one.instrument for one in case.positions} == {ETH: "eth", BASE_ETH: None}
    (result,) = counted_twice(case, NO_PARAMETERS)
    assert (result.status, result.subject) == ("breach", BASE_ETH)
    assert result.facts == {"asset": BASE_ETH, "units": "5", "escrows": ESCROW}
    assert ESCROW in result.text


def test_an_escrow_without_copies_held_is_no_breach(work: Work) -> None:
    case = case_of(work, holding(ESCROW, ETH, 7), holding(ON_BASE, BASE_ETH, 0))
    assert [one.status for one in counted_twice(case, NO_PARAMETERS)] == ["pass"]


def test_every_escrow_of_the_registry_is_found(work: Work) -> None:
    registry = work.inputs.registry
    bridged = {row.id: row.escrows for row in registry.assets if row.escrows}
    declared = {escrow for escrows in bridged.values() for escrow in escrows}
    assert copies_of_declared(registry, declared) == bridged
    assert copies_of_declared(registry, ()) == {}


@pytest.mark.parametrize("by", ["issuer", "declaration"])
def test_the_entitys_own_token_is_named(work: Work, by: str) -> None:
    registry = work.inputs.registry
    usdc = next(
        row for row in registry.assets if row.id.startswith(ETHEREUM) and row.symbol == "usdc"
    )
    case = case_of(work, holding(HOLDER, usdc.id, 3), holding(HOLDER, ETH, 4))
    assert [one.status for one in own_token(case, NO_PARAMETERS)] == ["pass"]
    if by == "declaration":
        case = case_of(work, holding(HOLDER, usdc.id, 3), own_assets=(usdc.id,))
    else:
        entity = replace(case.inputs.declaration.entity, name=usdc.issuer.upper())
        declared = replace(case.inputs.declaration, entity=entity)
        case = replace(case, inputs=replace(case.inputs, declaration=declared))
    (result,) = own_token(case, NO_PARAMETERS)
    assert (result.status, result.subject, result.facts["units"]) == ("breach", usdc.id, "3")


def wsteth(work: Work) -> Asset:
    return work.inputs.registry.asset(WSTETH)


def rated(case: Case, asset: Asset, value: str) -> Case:
    """Let the chain answer the question for a rate."""
    (question,) = rate_questions([asset])
    chain = replace(case.snapshot.chains[0], answers=(Answer(question, value, ("node-1",)),))
    return replace(case, snapshot=Snapshot((chain,)))


def test_a_rate_is_read_at_the_pin_and_never_counted(work: Work) -> None:
    case = rated(case_of(work, holding(HOLDER, WSTETH, 10)), wsteth(work), f"0x{12 * 10**17:064x}")
    (one,) = token_rates([wsteth(work)], case.snapshot)
    assert (one.value, one.sources) == (12 * 10**17, ("node-1",))
    (result,) = token_rate(case, NO_PARAMETERS)
    assert result.status == "pass"
    assert [position.units for position in case.positions] == [10]


@pytest.mark.parametrize("value", ["0x", "0x01", f"0x{1:066x}", "nothing"])
def test_a_rate_that_is_not_one_word_is_not_read(work: Work, value: str) -> None:
    case = rated(case_of(work, holding(HOLDER, WSTETH, 10)), wsteth(work), value)
    assert [one.value for one in token_rates([wsteth(work)], case.snapshot)] == [None]
    assert [one.status for one in token_rate(case, NO_PARAMETERS)] == ["breach"]


def test_assets_without_a_rate_have_no_question(work: Work) -> None:
    registry = work.inputs.registry
    assert rate_questions(row for row in registry.assets if row.rate is None) == ()
    asked = rate_questions(row for row in registry.assets if row.rate is not None)
    assert len(set(asked)) == len([row for row in registry.assets if row.rate is not None])
    assert {question.kind for question in asked} == {"call"}
    case = case_of(work, holding(HOLDER, ETH, 1))
    assert [one.status for one in token_rate(case, NO_PARAMETERS)] == ["not_applicable"]


def test_rates_are_planned_for_declared_assets_of_declared_chains(work: Work) -> None:
    inputs = work.inputs
    assert rated_assets(inputs, declared_assets(inputs)) == ()
    row = replace(account(HOLDER), assets=("wsteth",))
    named = replace(inputs, accounts=Accounts((row,), ()), claims=())
    assert [one.id for one in rated_assets(named, declared_assets(named))] == [WSTETH]
    (plan,) = plan_chains(named, 0)
    assert set(rate_questions([wsteth(work)])) <= set(plan.questions)


def remarked(case: Case, *remarks: Remark, proving: Proving | None = None) -> Case:
    chain = replace(case.snapshot.chains[0], remarks=remarks, proving=proving)
    return replace(case, snapshot=Snapshot((chain,)))


@pytest.mark.parametrize("code", get_args(RemarkCode))
def test_every_remark_has_words_and_can_be_a_breach(work: Work, code: RemarkCode) -> None:
    case = remarked(case_of(work, holding(HOLDER, ETH, 1)), Remark(code, "node-2", 3, "at index 9"))
    (result,) = reading_remark(case, Parameters("rule", {"codes": (code,)}))
    assert (result.status, result.subject) == ("breach", "eip155:1 node-2")
    assert result.text == f"node-2 {REMARKS[code]} (3): at index 9"
    assert result.facts == {"code": code, "count": "3"}
    others = tuple(one for one in REMARKS if one != code)
    passed = reading_remark(case, Parameters("rule", {"codes": others}))
    assert [one.status for one in passed] == ["pass"]


def test_no_remark_is_left_unsaid_by_the_core_pack() -> None:
    pack = parse_pack(shipped_pack("core"), "core.toml")
    said = {
        code
        for rule in pack.rule
        if rule.kind == "reading_remark/1"
        for code in Parameters(rule.id, rule.parameters).words("codes")
    }
    # Missing proofs are what `state_proof` is about.
    assert set(get_args(RemarkCode)) == said | {"no_proofs", "not_proved"}


def test_a_remark_of_the_whole_reading_names_the_chain(work: Work) -> None:
    case = remarked(case_of(work, holding(HOLDER, ETH, 1)), Remark("not_proved", "", 2))
    (result,) = reading_remark(case, Parameters("rule", {"codes": ("not_proved",)}))
    assert (result.subject, result.text) == ("eip155:1", f"{REMARKS['not_proved']} (2)")


def test_an_unknown_remark_is_refused(work: Work) -> None:
    with pytest.raises(InputError, match="unknown remark: 'odd'"):
        reading_remark(work.case, Parameters("rule", {"codes": ("bad_proof", "odd")}))
    with pytest.raises(InputError, match="a list of words expected"):
        reading_remark(work.case, NO_PARAMETERS)


def proving(wanted: int, proved: int) -> Proving:
    return Proving(wanted, proved, 9, "seed", "pin")


@pytest.mark.parametrize(
    ("found", "status"),
    [(proving(3, 3), "pass"), (proving(3, 2), "breach"), (proving(0, 0), "pass"), (None, "breach")],
)
def test_what_was_chosen_must_be_proved(work: Work, found: Proving | None, status: str) -> None:
    case = remarked(case_of(work, holding(HOLDER, ETH, 1)), proving=found)
    assert [one.status for one in state_proof(case, NO_PARAMETERS)] == [status]


def test_chains_that_are_not_known_to_prove_their_state_are_left_out(work: Work) -> None:
    case = remarked(case_of(work, holding(ON_BASE, BASE_ETH, 1)))
    assert [one.status for one in state_proof(case, NO_PARAMETERS)] == ["not_applicable"]


def test_the_statement_sums_each_asset_by_how_it_is_known(work: Work) -> None:
    predicate = work.predicate
    by_asset: dict[str, int] = {}
    for line in predicate.holdings:
        by_asset[line.asset] = by_asset.get(line.asset, 0) + int(line.amount)
    totals: dict[str, int] = {}
    for one in predicate.evidence:
        totals[one.asset] = totals.get(one.asset, 0) + int(one.amount)
    assert totals == by_asset
    assert {one.evidence_class for one in predicate.evidence} == {"quorum", "state_proof"}
    (proof,) = predicate.proving
    assert (proof.wanted, proof.proved, proof.seed_from) == ("27", "27", "challenge")
    assert [pin.state_root is None for pin in predicate.as_of.anchors] == [True, False]


def test_the_seed_is_the_challenges(work: Work) -> None:
    issued = work.inputs.challenges
    assert issued is not None
    evm = next(plan for plan in work.plans if plan.chain.family == "evm")
    assert evm.seed == f"{issued.nonce} {issued.accountsSha256}"
    without = plan_chains(replace(work.inputs, challenges=None), work.case.as_of)
    assert {plan.seed for plan in without} == {None}


def test_every_token_of_the_chain_is_seen_in_movements(work: Work) -> None:
    (plan,) = plan_chains(replace(work.inputs, accounts=Accounts((account(HOLDER),), ())), 0)
    registry = work.inputs.registry
    tokens = {one.id for one in registry.assets if one.id.startswith(f"{plan.chain.id}/erc20:")}

    assert WSTETH in tokens
    assert tokens == set(plan.tokens)
    utxo = next(one for one in work.plans if one.chain.family == "utxo")
    assert () == utxo.tokens


def test_addresses_after_the_last_index_are_planned_apart(work: Work) -> None:
    utxo = next(plan for plan in work.plans if plan.chain.family == "utxo")
    assert [one.index for one in utxo.margin] == list(range(5, 25))
    declared = {one.address for one in utxo.accounts}
    assert not declared & {one.address for one in utxo.margin}
    assert len(work.inputs.accounts.ranges) == 1
    assert isinstance(work.inputs.accounts.ranges[0], KeyRange)


def test_without_a_margin_nothing_after_the_last_index_is_planned(work: Work) -> None:
    declared = work.inputs.declaration
    inputs = replace(
        work.inputs,
        declaration=replace(declared, attestation=replace(declared.attestation, margin=0)),
    )
    assert {plan.margin for plan in plan_chains(inputs, work.case.as_of)} == {()}


@pytest.mark.parametrize(
    ("before", "after", "window"),
    [(None, None, None), (60, None, (940, 1000)), (None, 5, (1000, 1005)), (60, 5, (940, 1005))],
)
def test_a_window_lies_around_the_time(
    work: Work, before: int | None, after: int | None, window: tuple[int, int] | None
) -> None:
    declared = work.inputs.declaration
    stated = replace(declared.attestation, window_before=before, window_after=after)
    inputs = replace(work.inputs, declaration=replace(declared, attestation=stated))
    assert {plan.window for plan in plan_chains(inputs, 1000)} == {window}


def test_the_same_case_is_assessed_the_same(work: Work) -> None:
    again = assess(work.case, work.observation.chains, tool())
    assert again == work.predicate
