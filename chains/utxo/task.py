"""A plan with what follows from it, worked out once for a reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Surroundings
    from config.registry import UtxoFormat


@dataclass(frozen=True, slots=True)
class Task:
    """What is read, and where."""

    plan: ChainPlan
    form: UtxoFormat
    scripts: tuple[str, ...]
    """All output scripts of the plan in hex, in its order."""
    around: Surroundings

    @property
    def name(self) -> str:
        """The chain's short name, with which progress and errors begin."""
        return self.plan.chain.name
