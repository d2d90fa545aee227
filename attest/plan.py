"""From inputs to reading plans: which addresses and assets of which chain, with which quorum.

A plan follows from the inputs alone, so a verifier who replays a bundle plans the same reading and
sees what was left out: an answer that is not in the evidence is a failed read, not a zero.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from attest import sampling
from attest.carried import refuse_later
from attest.custodians import pools_of
from attest.feeds import asked_feeds, feed_questions
from attest.forwarders import first_questions, further_questions
from attest.items import item_questions
from attest.linking import refuse_earlier_time
from attest.own_assets import own_questions
from attest.planned import planned_accounts
from attest.rates import rate_questions
from attest.restating import refuse_other_time
from attest.tracing import trace_questions
from chains.evidence import ChainPlan
from chains.families import addresses_beyond, reads_balances
from config.accounts import asset_names, resolve_assets
from config.caip import address_of, chain_of_account, chain_of_asset, token_address
from config.declaration import sources_by_chain
from config.errors import InputError
from proofs.check import questions, scheme_questions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.inputs import Inputs
    from chains.evidence import Further, MarginAddress
    from chains.snapshot import Question
    from config.accounts import Account
    from config.books.others import Other
    from config.books.sample import SampleRow
    from config.caip import AssetId, ChainId
    from config.claims import Claim
    from config.declaration import ChainSources
    from config.registry import Asset, Chain


def declared_assets(inputs: Inputs) -> tuple[AssetId, ...]:
    """List the assets read, besides native ones, where an account names none.

    These are the assets that are an instrument customers are owed, the wrapped ones the declaration
    lists, and those that any account of the same chain names.
    """
    owed = inputs.books.owed()
    wrapped = inputs.declaration.attestation.wrapped_assets
    chains = {chain_of_account(account.id) for account in inputs.accounts.rows}
    names = {chain: asset_names(chain, inputs.registry, ()) for chain in chains}
    named = {
        asset
        for account in inputs.accounts.rows
        if account.assets
        for asset in resolve_assets(account, names[chain_of_account(account.id)])
    }
    return tuple(
        row.id
        for row in inputs.registry.assets
        if row.instrument in owed or row.id in wrapped or row.id in named
    )


def plan_chains(inputs: Inputs, as_of: int) -> tuple[ChainPlan, ...]:
    """Make the plan of every chain that anything is asked of, in the order of identifiers.

    Args:
        inputs: the parsed inputs.
        as_of: Unix seconds the statement is about.

    Raises:
        InputError: an account names an asset its chain does not have, or lies on a chain whose
            balances cannot be read.
    """
    accounts: dict[ChainId, list[Account]] = {}
    for account in inputs.accounts.rows:
        accounts.setdefault(chain_of_account(account.id), []).append(account)
    for chain_id, listed in accounts.items():
        _refuse_unread(inputs.registry.chain(chain_id), f"account on line {listed[0].line}")
    pooled = {chain_of_account(pool) for pool, _ in pools_of(inputs.books.custody)}
    for chain_id in sorted(pooled):
        _refuse_unread(inputs.registry.chain(chain_id), "a custodian's pool")
    refuse_later(inputs.carried, as_of)
    refuse_other_time(inputs.superseded, as_of)
    if inputs.superseded is None:
        refuse_earlier_time(inputs.previous, as_of)
    declared = declared_assets(inputs)
    asked = _asked(inputs, as_of, declared)
    traced = {one.chain for one in trace_questions(inputs.books.trace)}
    sources = sources_by_chain(inputs.declaration.sources, inputs.registry)
    return tuple(
        _plan(inputs, as_of, at, tuple(accounts.get(at, ())), declared, asked, sources.get(at))
        for at in sorted({*accounts, *pooled, *traced})
    )


def _asked(inputs: Inputs, as_of: int, declared: tuple[AssetId, ...]) -> tuple[Question, ...]:
    """List what chains are asked because of claims, contracts, tokens and rows of the books."""
    claimed = (*inputs.claims, *(claim for one in inputs.carried for claim in one.claims))
    asked = (
        *questions(claimed, inputs.accounts.rows),
        *first_questions(inputs.accounts.rows, inputs.registry.forwarders),
        *_further(inputs, as_of)({}),
        *item_questions(inputs.books.reconciling),
        *own_questions(inputs.books.own),
        *trace_questions(inputs.books.trace),
        *rate_questions(rated_assets(inputs, declared)),
        *feed_questions(asked_feeds(inputs)),
    )
    # An item and a traced row may name one transaction.
    return tuple(dict.fromkeys(asked))


def plan_transactions(
    inputs: Inputs, as_of: int, asked: tuple[Question, ...]
) -> tuple[ChainPlan, ...]:
    """Plan what is asked about transactions alone, in the order of chain identifiers.

    Args:
        inputs: the parsed inputs.
        as_of: Unix seconds the answers are about.
        asked: the questions.
    """
    sources = sources_by_chain(inputs.declaration.sources, inputs.registry)
    chains = sorted({question.chain for question in asked})
    return tuple(_bare(inputs, as_of, chain, asked, sources.get(chain)) for chain in chains)


def plan_trace(inputs: Inputs, as_of: int, rows: tuple[SampleRow, ...]) -> tuple[ChainPlan, ...]:
    """Plan what is asked about the transactions of some rows, and nothing else.

    Raises:
        InputError: the declaration names no sources of a row's chain.
    """
    sources = sources_by_chain(inputs.declaration.sources, inputs.registry)
    for row in rows:
        if row.chain not in sources:
            name = inputs.registry.chain(row.chain).name
            hint = f'add [sources."{name}"] to the declaration'
            raise InputError(f"line {row.line} is of {name}, which has no sources", hint)
    return plan_transactions(inputs, as_of, trace_questions(rows))


def _refuse_unread(chain: Chain, first: str) -> None:
    """Refuse a chain whose balances cannot be read: a row that is passed over would be a zero."""
    if reads_balances(chain):
        return
    raise InputError(
        f"balances on {chain.name} cannot be read by this version: {first}",
        "leave its accounts out of the declaration and say so; "
        "their claims can be checked with attest control",
    )


def _plan(
    inputs: Inputs,
    as_of: int,
    chain_id: ChainId,
    accounts: tuple[Account, ...],
    declared: tuple[AssetId, ...],
    asked: tuple[Question, ...],
    sources: ChainSources | None,
) -> ChainPlan:
    bare = _bare(inputs, as_of, chain_id, asked, sources)
    return replace(
        bare,
        accounts=planned_accounts(inputs, chain_id, accounts, declared),
        further=_further(inputs, as_of, chain_id, accounts),
        slots=tuple(
            slot for slot in inputs.registry.slots if chain_of_asset(slot.asset) == chain_id
        ),
        window=_window(inputs, as_of),
        margin=_margin(inputs, bare.chain, accounts),
        others=_others(inputs, chain_id, accounts),
    )


def _bare(
    inputs: Inputs,
    as_of: int,
    chain_id: ChainId,
    asked: tuple[Question, ...],
    sources: ChainSources | None,
) -> ChainPlan:
    """Plan a chain without its accounts."""
    chain = inputs.registry.chain(chain_id)
    stated = sources.confirmations if sources is not None else None
    return ChainPlan(
        chain=chain,
        as_of=as_of,
        quorum=quorum_of(sources),
        confirmations=stated or chain.confirmations,
        accounts=(),
        questions=tuple(question for question in asked if question.chain == chain_id),
        seed=seed_of(inputs),
        tokens=tuple(
            row.id
            for row in inputs.registry.assets
            if chain_of_asset(row.id) == chain_id and token_address(row.id) is not None
        ),
    )


def _others(inputs: Inputs, chain: ChainId, accounts: tuple[Account, ...]) -> tuple[str, ...]:
    """List the addresses of other entities on a chain.

    One that is declared as well is left out: what moves there moves between declared accounts, and
    that two entities claim it is a finding of its own.
    """
    listed = inputs.books.others or ()
    declared = {account.id for account in accounts}
    # They are ascending, and those of a chain stand together.
    low, high = (bisect_left(listed, f"{chain}{end}", key=_account) for end in (":", ";"))
    return tuple(address_of(one.account) for one in listed[low:high] if one.account not in declared)


def _account(one: Other) -> str:
    return one.account


def _further(
    inputs: Inputs,
    as_of: int,
    chain: ChainId | None = None,
    accounts: tuple[Account, ...] = (),
) -> Further:
    """Give what claims and deposit contracts ask, given what was answered: of one chain, or of all.

    Claims that are carried forward are asked about at the same pins, by the texts of their time.
    """

    def on_chain(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        return tuple(one for one in claims if chain in (None, one.subjects[0].chain))

    own = (inputs.claims, inputs.challenges, as_of)
    told = (own, *((one.claims, one.challenges, one.as_of) for one in inputs.carried))
    schemes = (
        partial(scheme_questions, on_chain(claims), inputs.registry, challenges, at)
        for claims, challenges, at in told
    )
    return partial(_ask_all, (*schemes, partial(further_questions, accounts)))


def _ask_all(askers: tuple[Further, ...], answers: Mapping[Question, str]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(question for ask in askers for question in ask(answers)))


def _window(inputs: Inputs, as_of: int) -> tuple[int, int] | None:
    """Give the moments between which movements are read, None if none is declared."""
    stated = inputs.declaration.attestation
    if stated.window_before is None and stated.window_after is None:
        return None
    return as_of - (stated.window_before or 0), as_of + (stated.window_after or 0)


def _margin(
    inputs: Inputs, chain: Chain, accounts: tuple[Account, ...]
) -> tuple[MarginAddress, ...]:
    """List the addresses after the stated last indexes that are not declared themselves."""
    declared = {address_of(account.id) for account in accounts}
    size = inputs.declaration.attestation.margin
    found = (
        one
        for named in inputs.accounts.ranges
        if named.chain == chain.id
        for one in addresses_beyond(chain, named.text, size)
    )
    return tuple({one.address: one for one in found if one.address not in declared}.values())


def seed_of(inputs: Inputs) -> str | None:
    """Give what a sample of balances is drawn by: the challenge's nonce and list of accounts.

    The issuer drew the nonce once he had the list, so nobody knew the sample when it was declared.
    """
    issued = inputs.challenges
    return None if issued is None else sampling.seed_of(issued)


def rated_assets(inputs: Inputs, declared: tuple[AssetId, ...]) -> tuple[Asset, ...]:
    """List the planned tokens whose contract says what they stand for, in registry order."""
    chains = {chain_of_account(account.id) for account in inputs.accounts.rows}
    return tuple(
        row
        for row in inputs.registry.assets
        if row.rate is not None and row.id in declared and chain_of_asset(row.id) in chains
    )


def quorum_of(sources: ChainSources | None) -> int:
    """Give how many operators must agree: as stated, otherwise all of those named."""
    if sources is None:
        return 1
    return sources.quorum or max(1, len(set(sources.operators)))
