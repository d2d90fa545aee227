"""The readers: for each family, the one function that asks sources. Imported by observe alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chains.evm.reader import read as read_evm
from chains.utxo.reader import read as read_utxo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import ChainEvidence, ChainPlan, Source, Surroundings

Read: TypeAlias = "Callable[[ChainPlan, Sequence[Source], Surroundings], ChainEvidence]"

READERS: Mapping[str, Read] = {"evm": read_evm, "utxo": read_utxo}
