"""How a verifier's own reading differs from a statement, and what both name coins by. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.utxo.calls import scripts_of
from config.caip import address_of

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.snapshot import ChainSnapshot, Coin

Difference: TypeAlias = tuple[Literal["balance_mismatch", "not_read_again"], str]

NAMED = 20
"""Differences that are named; a statement with more of them is not worth a longer list."""


def outpoint_of(coin: Coin) -> tuple[str, int]:
    """Give what names a coin."""
    return coin.txid, coin.vout


def name_of(outpoint: tuple[str, int]) -> str:
    """Write it for people."""
    return f"{outpoint[0]}:{outpoint[1]}"


def unread_scripts(plan: ChainPlan, stated: ChainSnapshot) -> frozenset[str]:
    """Give the scripts of the addresses whose coins the statement does not know."""
    native = plan.chain.native
    unread = {address_of(one.account) for one in stated.failures if one.asset == native}
    return frozenset(script for address, script in scripts_of(plan).items() if address in unread)
