"""Reading a statement's balances again from a verifier's own nodes, family by family.

Each function gives the differences it found as pairs of a code and a detail; none means that every
balance was read again and is the same. It is called once the verifier's node has the pinned block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.evm.reader import read as read_evm
from chains.evm.recheck import recheck as recheck_evm
from chains.utxo.rereading import compare_coins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.snapshot import ChainSnapshot

Difference: TypeAlias = tuple[Literal["balance_mismatch", "not_read_again"], str]
Reread: TypeAlias = (
    "Callable[[ChainPlan, ChainSnapshot, Sequence[Source], Surroundings], tuple[Difference, ...]]"
)

NAMED = 20
"""Differences that are named; a statement with more of them is not read further."""


def compare_balances(
    plan: ChainPlan, stated: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> tuple[Difference, ...]:
    """Read an EVM chain again at the pin's own time and compare every balance.

    Raises:
        ChainError: the nodes give no pin.
    """
    at_pin = replace(plan, as_of=stated.pin.block_time)
    again = recheck_evm(at_pin, read_evm(at_pin, sources, around))
    if again.pin.block_hash != stated.pin.block_hash:
        return (("not_read_again", f"read at {again.pin.block_hash}, pin {stated.pin.block_hash}"),)
    known = {(one.account, one.asset): one.units for one in again.balances}
    found: list[Difference] = []
    for one in stated.balances:
        met = known.get((one.account, one.asset))
        if met is None:
            found.append(("not_read_again", f"{one.account} {one.asset}"))
        elif met != one.units:
            detail = f"{one.account} {one.asset}: statement {one.units}, node {met}"
            found.append(("balance_mismatch", detail))
    return tuple(found[:NAMED])


REREADERS: Mapping[str, Reread] = {"evm": compare_balances, "utxo": compare_coins}
