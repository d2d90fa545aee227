"""Keys that may act together: each with a weight, and a threshold that their sum must reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class WeightedKeys:
    """Keys by the addresses that are made from them; none is named twice."""

    weights: tuple[tuple[str, int], ...]
    """Canonical address and weight, from 1 on."""
    threshold: int
    """From 1 on."""

    def __post_init__(self) -> None:
        if len(self.names) != len(self.weights):
            raise InputError("a key is named twice in one list")

    @property
    def names(self) -> frozenset[str]:
        """Every address."""
        return frozenset(name for name, _ in self.weights)

    def reached(self, signers: Iterable[str]) -> bool:
        """Tell whether signers have the weight that is needed; each counts once."""
        distinct = frozenset(signers)
        return sum(weight for name, weight in self.weights if name in distinct) >= self.threshold
