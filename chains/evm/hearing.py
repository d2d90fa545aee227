"""What the sources of an EVM chain say together at a block, balance by balance. Pure.

The rule is that of `chains.quorum`. Where all sources that speak tell the same of every subject of
an asset, who agrees is found once for the whole asset; otherwise balance by balance. Likewise for
nonces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from chains.evm.calls import code_call
from chains.evm.state import readable_assets, subject_of
from chains.evm.voices import code_votes, voice_of
from chains.quorum import Agreement, Vote, agree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.evidence import ChainPlan
    from chains.evm.holdings import Holdings
    from chains.evm.voices import Stand, Voice
    from chains.index import T
    from chains.snapshot import EvidenceClass, FailureReason
    from config.caip import AssetId

Alike: TypeAlias = "tuple[Holdings, EvidenceClass, tuple[str, ...]]"
"""What all who speak tell, and who they are."""

Known: TypeAlias = "tuple[int, EvidenceClass, tuple[str, ...]]"
"""Base units, how they are known, and the sources that say so."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value."""

    reason: FailureReason
    answers: tuple[tuple[str, str], ...]
    """What each source said."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The voices, and what they say of whole assets."""

    plan: ChainPlan
    voices: tuple[Voice, ...]
    readable: Mapping[AssetId, str | None]
    """Contract of each asset that can be read, None for the native one."""
    faulty: Mapping[AssetId, Unknown]
    """Tokens whose contract is not known to have code."""
    alike: Mapping[AssetId, Alike]
    """What is told of an asset, if all tell the same of all of it and are enough."""
    nonces: Alike | None = None
    """The same of nonces; None if not all tell the same of all of them, or they are not enough."""

    def votes(self, asset: AssetId, address: str) -> list[Vote[int]]:
        """Give the sources' votes on a balance of a readable asset."""
        subject = subject_of(self.readable[asset], address)
        return [voice.balance(asset, subject) for voice in self.voices]

    def agreed(self, asset: AssetId, address: str) -> Known | Unknown:
        """Decide a balance of a readable asset by what the sources say."""
        if asset in self.faulty:
            return self.faulty[asset]
        if asset in self.alike:
            told, evidence, sources = self.alike[asset]
            units = told.get(subject_of(self.readable[asset], address))
            if isinstance(units, int):
                return units, evidence, sources
        votes = self.votes(asset, address)
        result = agree(votes, self.plan.quorum)
        if isinstance(result, Agreement):
            return result.value, result.evidence, result.sources
        return Unknown(result, said(votes))

    def nonce(self, address: str) -> int | None:
        """Give an account's nonce; None if the sources do not agree on it."""
        told = None if self.nonces is None else self.nonces[0].get(address)
        if isinstance(told, int):
            return told
        result = agree([voice.nonce(address) for voice in self.voices], self.plan.quorum)
        return result.value if isinstance(result, Agreement) else None

    def units(self, asset: AssetId, address: str) -> int:
        """Give the base units of a balance, 0 where the sources do not agree."""
        found = self.agreed(asset, address)
        return 0 if isinstance(found, Unknown) else found[0]


def hear(plan: ChainPlan, stand: Stand) -> Hearing:
    """Gather what the sources say at a pin."""
    hearing = hear_counts(plan, stand, readable_assets(plan))
    faulty = {
        asset: fault
        for asset, contract in hearing.readable.items()
        if contract is not None
        and (fault := _token_fault(plan, hearing.voices, contract)) is not None
    }
    return replace(hearing, faulty=faulty)


def hear_counts(plan: ChainPlan, stand: Stand, readable: Mapping[AssetId, str | None]) -> Hearing:
    """Gather what the sources say of balances and nonces at a block; code is not heard.

    Args:
        plan: gives the quorum.
        stand: the block and its sources.
        readable: contract of each asset that was asked for, None for the native one.
    """
    voices = tuple(voice_of(plan, log, stand, readable) for log in stand.logs)
    speaking = tuple(voice for voice in voices if voice.blocks)
    whole = (
        (asset, _alike(plan, speaking, [voice.holdings[asset] for voice in speaking]))
        for asset in readable
    )
    alike = {asset: found for asset, found in whole if found is not None}
    nonces = _alike(plan, speaking, [voice.nonces for voice in speaking])
    return Hearing(plan, voices, readable, {}, alike, nonces)


def said(votes: Iterable[Vote[T]]) -> tuple[tuple[str, str], ...]:
    """Name each source and what it said."""
    return tuple((vote.source, vote.said) for vote in votes)


def _alike(plan: ChainPlan, speaking: tuple[Voice, ...], told: list[Holdings]) -> Alike | None:
    if not told or any(other != told[0] for other in told[1:]):
        return None
    votes = [Vote(voice.log.name, voice.log.log.operator, 0, "0") for voice in speaking]
    result = agree(votes, plan.quorum)
    return (told[0], result.evidence, result.sources) if isinstance(result, Agreement) else None


def _token_fault(plan: ChainPlan, voices: tuple[Voice, ...], token: str) -> Unknown | None:
    """Say why a token is not known to have code at the pin, None if it is."""
    votes = code_votes(voices, lambda block: code_call(token, block))
    result = agree(votes, plan.quorum)
    if not isinstance(result, Agreement):
        return Unknown(result, said(votes))
    return Unknown("malformed_answer", said(votes)) if result.value == "0x" else None
