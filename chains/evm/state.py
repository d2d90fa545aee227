"""What is read of an EVM chain's state: the state calls of a plan, at a block. Pure.

The reader asks these calls and `recheck` looks them up, so a balance that was not asked for in this
very form, at this very block, is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evm.address import parse_address
from chains.evm.calls import balance_call, code_call, token_balance_call
from chains.index import question_key
from config.caip import chain_of_asset, token_address
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import Call, ChainPlan
    from chains.evm.calls import Block
    from chains.snapshot import Question
    from config.caip import AssetId
    from config.registry import Chain


def readable_assets(plan: ChainPlan) -> dict[AssetId, str | None]:
    """Map the assets that can be read to their ERC-20 contract, None for the native asset.

    An asset of another chain, of a kind other than `erc20`, or with a contract that is not a
    canonical address is left out, and so is never read.
    """
    wanted = {asset: None for account in plan.accounts for asset in account.assets}
    contracts = {asset: _contract(plan.chain, asset) for asset in wanted}
    native = plan.chain.native
    return {a: c for a, c in contracts.items() if a == native or c is not None}


def holding_call(
    readable: Mapping[AssetId, str | None], address: str, asset: AssetId, block: Block
) -> Call | None:
    """Give the call that reads a balance; None if the asset is not in `readable_assets`."""
    if asset not in readable:
        return None
    contract = readable[asset]
    if contract is None:
        return balance_call(address, block)
    return token_balance_call(contract, address, block)


def question_call(plan: ChainPlan, question: Question, block: Block) -> Call | None:
    """Give the call that answers a question; None if it is not one for this chain."""
    if question.chain != plan.chain.id or question.kind != "code":
        return None
    return code_call(question.subject, block)


def state_calls(plan: ChainPlan, block: Block) -> tuple[Call, ...]:
    """List every call of a plan once: code of tokens, questions, then balances in plan order."""
    readable = readable_assets(plan)
    calls: list[Call | None] = [code_call(c, block) for c in readable.values() if c is not None]
    calls += [question_call(plan, question, block) for question in plan.questions]
    calls += [
        holding_call(readable, account.address, asset, block)
        for account in plan.accounts
        for asset in account.assets
    ]
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
