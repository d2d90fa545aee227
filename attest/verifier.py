"""The verifier: everything that is his own, and nothing of a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.books import Vouched
from attest.levels import lower

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.anchors import ChainCheck
    from attest.pipeline import Work
    from attest.trust import Trust
    from config.trust import Level


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that is the verifier's own."""

    trust: Trust | None
    """None: authenticity cannot be decided."""
    registry: tuple[tuple[str, bytes], ...]
    """His registry files."""
    pack: Callable[[str], bytes | None]
    """Gives his pack of a name, None if he has none; never one that the bundle brings."""
    today: int
    """Unix seconds; only trust rules use it."""
    allow_test: bool = False
    authenticity_only: bool = False
    reread: Callable[[Work], tuple[ChainCheck, ...]] | None = None
    """Asks his own nodes, and parties he trusts for what they observed; None if there are none."""
    previous: str | None = None
    """SHA-256 of the payload that must stand before this one, hex; None: he remembers none."""
    rebuild: Callable[[Work], tuple[str, ...]] | None = None
    """Builds the commitment to liabilities again from a ledger, and gives what is another one;
    None: he was given no ledger."""

    @property
    def custodians(self) -> frozenset[str]:
        """The ids of custodians' keys that he trusts."""
        return frozenset() if self.trust is None else self.trust.custodians

    @property
    def vouched(self) -> Vouched:
        """The third parties whose statements about the books count for him."""
        return Vouched(frozenset(), frozenset()) if self.trust is None else self.trust.vouched

    @property
    def asks_history(self) -> bool:
        """Whether he has anything to compare a series with, or wants it compared in any case."""
        trust = self.trust
        if self.previous is not None or trust is None:
            return self.previous is not None
        return trust.require.level == "L2" or not (trust.last is None and trust.log is None)

    @property
    def required(self) -> Level:
        """The level that must be reached: what trust says, and L4 where own nodes were given.

        Of authenticity alone nothing above history is asked.
        """
        stated = self.trust.require.level if self.trust is not None else "L3"
        wanted: Level = "L4" if self.reread is not None else stated
        if not self.authenticity_only:
            return wanted
        return lower(wanted, "L2" if self.asks_history else "L1")
