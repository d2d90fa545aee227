"""What is read of an EVM chain's state: the state calls of a plan, at a block. Pure.

The reader asks these calls and `recheck` looks them up, so a balance that was not asked for in this
very form, at this very block, is not read.

Balances are asked in sweeps. Ahead of each goes a control call, in the same request, that lets the
node say which state it answers from: number and parent hash of the block, the chain, its time. A
node, or one of several behind an address, that ignores the block it is given and answers with its
newest state is caught by it. Multicall3 has the like, but is one more contract to trust, and is not
there at every block of every chain.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.evidence import HOLE, Call, Sweep
from chains.evm.address import parse_address
from chains.evm.attempt import attempt_call
from chains.evm.calls import (
    balance_call,
    code_call,
    control_call,
    nonce_call,
    token_balance_template,
    token_subject,
)
from chains.index import question_key
from chains.snapshot import ABOUT_TRANSACTIONS
from config.caip import chain_of_asset, token_address
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import ChainPlan
    from chains.evm.calls import Block
    from chains.snapshot import Question
    from config.caip import AssetId
    from config.registry import Chain


def readable_assets(plan: ChainPlan) -> dict[AssetId, str | None]:
    """Map the assets that can be read to their ERC-20 contract, None for the native asset.

    An asset of another chain, of a kind other than `erc20`, or with a contract that is not a
    canonical address is left out, and so is never read. A plan with a margin reads the native asset
    there whether or not an account names it.
    """
    # Thousands of accounts name one and the same list of assets.
    lists = dict.fromkeys(account.assets for account in plan.accounts)
    contracts = {asset: _contract(plan.chain, asset) for assets in lists for asset in assets}
    native = plan.chain.native
    if plan.margin:
        contracts.setdefault(native, None)
    return {a: c for a, c in contracts.items() if a == native or c is not None}


def holding_template(contract: str | None, block: Block) -> Call:
    """Give the question for balances, with a hole for the holder's subject."""
    if contract is None:
        return balance_call(HOLE, block)
    return token_balance_template(contract, block)


def subject_of(contract: str | None, address: str) -> str:
    """Give what stands for a holder in the question for his balance."""
    return address if contract is None else token_subject(address)


def holding_sweeps(plan: ChainPlan, block: Block, size: int) -> tuple[Sweep, ...]:
    """List the sweeps that read every balance of a plan, asset by asset, then its margin.

    At an address of the margin every asset that is read of the chain is looked for.

    Args:
        plan: what is to be read.
        block: at which block.
        size: how many calls go into one sweep, the control call among them; 2 or more.
    """
    readable = readable_assets(plan)
    subjects: dict[AssetId, dict[str, None]] = {asset: {} for asset in readable}
    for account in plan.accounts:
        for asset in account.assets:
            if asset in readable:
                subjects[asset][subject_of(readable[asset], account.address)] = None
    for one in plan.margin:
        for asset, contract in readable.items():
            subjects[asset][subject_of(contract, one.address)] = None
    lead = _lead(plan, block)
    return tuple(
        Sweep(holding_template(readable[asset], block), chunk, lead)
        for asset, named in subjects.items()
        for chunk in _chunks(tuple(named), size - len(lead))
    )


def nonce_template(block: Block) -> Call:
    """Give the question for nonces, with a hole for the account's address."""
    return nonce_call(HOLE, block)


def nonce_sweeps(plan: ChainPlan, block: Block, size: int) -> tuple[Sweep, ...]:
    """List the sweeps that read the nonce of every account of a plan; arguments as above."""
    lead = _lead(plan, block)
    addresses = tuple(account.address for account in plan.accounts)
    chunks = _chunks(addresses, size - len(lead))
    return tuple(Sweep(nonce_template(block), chunk, lead) for chunk in chunks)


def probe_sweeps(plan: ChainPlan, block: Block) -> tuple[Sweep, ...]:
    """Give a sweep of one balance of a plan, or none if no balance of it can be read."""
    for account in plan.accounts:
        sweeps = holding_sweeps(
            replace(plan, accounts=(account,), margin=()), block, 1 + len(_lead(plan, block))
        )
        if sweeps:
            return sweeps[:1]
    return ()


def _lead(plan: ChainPlan, block: Block) -> tuple[Call, ...]:
    """Give what is asked ahead of balances, on chains whose blocks can be asked for themselves."""
    return (control_call(block),) if tells_state(plan) else ()


def tells_state(plan: ChainPlan) -> bool:
    """Tell whether code that runs on the chain can say which of the chain's blocks it runs at."""
    return plan.chain.block_opcodes == "own"


def _chunks(subjects: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    return [subjects[at : at + size] for at in range(0, len(subjects), size)]


def question_call(plan: ChainPlan, question: Question, block: Block) -> Call | None:
    """Give the state call that answers a question; None if none does, or not on this chain."""
    if question.chain != plan.chain.id or question.kind in ABOUT_TRANSACTIONS:
        return None
    if question.kind == "code":
        return code_call(question.subject, block)
    if question.kind == "attempt":
        return attempt_call(question.subject, block, telling=tells_state(plan))
    contract, _, data = question.subject.partition(" ")
    return Call("eth_call", ({"to": contract, "data": data}, block))


def token_calls(plan: ChainPlan, block: Block) -> tuple[Call, ...]:
    """List the calls for the code of a plan's tokens."""
    contracts = readable_assets(plan).values()
    return tuple(code_call(contract, block) for contract in contracts if contract is not None)


def question_calls(
    plan: ChainPlan, questions: Iterable[Question], block: Block
) -> tuple[Call, ...]:
    """List the calls for questions, once each; what is no question for this chain has none."""
    calls = (question_call(plan, question, block) for question in questions)
    return tuple({question_key(call): call for call in calls if call is not None}.values())


def _contract(chain: Chain, asset: AssetId) -> str | None:
    token = token_address(asset)
    if token is None or chain_of_asset(asset) != chain.id:
        return None
    try:
        canonical = parse_address(chain, token)
    except InputError:
        return None
    return canonical if canonical == token else None
