"""The coins of a script as one source has them. Pure.

A node's scan and an index server's replayed history give them alike; what a source does not tell
is a vote without a value, and never no coins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chains.quorum import NOT_READ, Agreement, Vote, agree
from chains.snapshot import Coin
from chains.utxo.coinbase import immature
from chains.utxo.history.voice import HistoryVoice

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.snapshot import EvidenceClass, FailureReason
    from chains.utxo.answers import Unspent
    from chains.utxo.voices import AnyVoice
    from config.caip import ChainId
    from config.registry import UtxoFormat


Known: TypeAlias = "tuple[int, int, EvidenceClass, tuple[str, ...]]"
"""Base units that can be spent, those that cannot yet, how they are known, and who says so."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What the voices say of a script."""

    votes: tuple[Vote[tuple[Coin, ...]], ...]
    coins: tuple[Coin, ...]
    """Empty if they do not agree."""
    known: Known | FailureReason


@dataclass(frozen=True, slots=True)
class Listing:
    """A voice with the outputs of its scan by script, in the order of their blocks."""

    voice: AnyVoice
    by_script: dict[str, tuple[Unspent, ...]]


def list_coins(voice: AnyVoice) -> Listing:
    """Sort a voice's outputs by script."""
    found: dict[str, list[Unspent]] = {}
    for unspent in sorted(
        voice.scan.unspents, key=lambda item: (item.height, item.txid, item.vout)
    ):
        found.setdefault(unspent.script, []).append(unspent)
    return Listing(voice, {script: tuple(items) for script, items in found.items()})


class Listings:
    """All voices together: what they agree on about a script.

    Most scripts of a plan are paid by no coin, and of them every voice says the same: it is decided
    once.
    """

    def __init__(self, plan: ChainPlan, form: UtxoFormat, voices: tuple[AnyVoice, ...]) -> None:
        """Sort what the voices list."""
        self._plan = plan
        self._form = form
        self._all = tuple(list_coins(voice) for voice in voices)
        self._told = frozenset().union(*(_told(listing) for listing in self._all))
        self._nothing = self._decided("")

    def decide(self, script: str) -> Decided:
        """Give the votes on a script, and what they come to."""
        return self._decided(script) if script in self._told else self._nothing

    def _decided(self, script: str) -> Decided:
        plan = self._plan
        votes = tuple(coin_vote(plan.chain.id, self._form, one, script) for one in self._all)
        found = agree(votes, plan.quorum)
        if not isinstance(found, Agreement):
            return Decided(votes, (), found)
        immature_units = sum(coin.units for coin in found.value if coin.coinbase)
        units = sum(coin.units for coin in found.value) - immature_units
        known = (units, immature_units, found.evidence, found.sources)
        return Decided(votes, found.value, known)


def coin_vote(
    chain: ChainId, form: UtxoFormat, listing: Listing, script: str
) -> Vote[tuple[Coin, ...]]:
    """Give the coins of a script as one voice lists them."""
    voice = listing.voice
    name, operator = voice.log.name, voice.log.log.operator
    said = silence(voice, script)
    if said is not None:
        return Vote(name, operator, None, said)
    coins = []
    for unspent in listing.by_script.get(script, ()):
        told = immature(form, voice.scan, unspent, voice.log)
        if not isinstance(told, bool):
            return Vote(name, operator, None, _why(told))
        place = (unspent.txid, unspent.vout, script, unspent.units, unspent.height)
        coins.append(Coin(chain, *place, coinbase=told))
    return Vote(name, operator, tuple(coins), str(sum(coin.units for coin in coins)))


def silence(voice: AnyVoice, script: str) -> str | None:
    """Give why a voice says nothing of a script; None if it speaks."""
    if not isinstance(voice, HistoryVoice):
        return None
    silent = voice.replayed.silent.get(script)
    return None if silent is None else silent.said


def _told(listing: Listing) -> frozenset[str]:
    """Give the scripts of which a voice does not simply say that nothing pays them."""
    voice = listing.voice
    silent = voice.replayed.silent if isinstance(voice, HistoryVoice) else {}
    return frozenset((*listing.by_script, *silent))


def _why(told: object) -> str:
    return told if isinstance(told, str) else NOT_READ
