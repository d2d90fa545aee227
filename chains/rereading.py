"""Reading a statement's balances again from a verifier's own nodes, family by family.

Each function gives the differences it found as pairs of a code and a detail; none means that every
balance was read again and is the same. It is called once the verifier's nodes have the pinned
block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chains.evm.rereading import compare_balances
from chains.utxo.rereading import compare_coins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.snapshot import ChainSnapshot

Reread: TypeAlias = (
    "Callable[[ChainPlan, ChainSnapshot, Sequence[Source], Surroundings],"
    " tuple[tuple[str, str], ...]]"
)

REREADERS: Mapping[str, Reread] = {"evm": compare_balances, "utxo": compare_coins}
