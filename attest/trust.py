"""Trust: the parties whose keys a verifier accepts, the blocks he knows, and what he requires.

It is read from his own trust.toml (form in `config.trust`) or is exactly one key. Nothing in a
bundle is ever taken for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attest.keys import PublicKey, load_public
from config.errors import InputError
from config.times import parse_time
from config.trust import Requirements, parse_trust_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.caip import ChainId
    from config.registry import Registry


@dataclass(frozen=True, slots=True)
class Party:
    """A party whose key was read."""

    name: str
    key: PublicKey
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom and what the verifier trusts."""

    parties: tuple[Party, ...]
    anchors: tuple[tuple[ChainId, int, str, int | None], ...] = ()
    """Chain, height, hash, and time where he knows it, of blocks."""
    require: Requirements = field(default_factory=Requirements)

    @property
    def attesters(self) -> tuple[PublicKey, ...]:
        """The keys that may sign an attestation."""
        return tuple(party.key for party in self.parties if "attester" in party.roles)

    def party_of(self, keyid: str) -> str:
        """Give the name of the party whose key it is; empty if nobody's."""
        return next((party.name for party in self.parties if party.key.keyid == keyid), "")

    @property
    def custodians(self) -> frozenset[str]:
        """The ids of keys of custodians whose word may count; an attester's own is none of them."""
        return frozenset(
            party.key.keyid
            for party in self.parties
            if "custodian" in party.roles and "attester" not in party.roles
        )

    def challenger(self, keyid: str) -> bool:
        """Tell whether a key is of a party trusted to issue challenges, who is no attester."""
        own = [party for party in self.parties if party.key.keyid == keyid]
        return any("challenger" in one.roles and "attester" not in one.roles for one in own)


def trust_key(key: PublicKey) -> Trust:
    """Trust exactly one key."""
    return Trust((Party("", key, ("attester",)),))


def parse_trust(
    data: bytes, name: str, registry: Registry, read_key: Callable[[str], bytes]
) -> Trust:
    """Read trust.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: names of chains.
        read_key: gives the bytes of a key file named in it.

    Raises:
        InputError: bad structure, no party, or one key under two parties.
    """
    document = parse_trust_file(data, name)
    parties = tuple(
        Party(row.name, load_public(read_key(row.key), row.key), row.roles)
        for row in document.party
    )
    if not parties:
        raise InputError.at(name, "party", "empty", "name at least one party whose key you trust")
    if len({party.key.keyid for party in parties}) != len(parties):
        raise InputError.at(name, "party", "one key under two parties")
    try:
        anchors = tuple(
            (registry.chain(chain).id, block.height, block.hash.lower(), _time(block.time))
            for chain, blocks in document.anchors.items()
            for block in blocks
        )
    except InputError as error:
        raise InputError.at(name, "anchors", error.what, error.hint) from error
    return Trust(parties, anchors, document.require)


def _time(text: str | None) -> int | None:
    return None if text is None else parse_time(text)
