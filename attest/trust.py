"""Trust: the parties whose keys a verifier accepts, the blocks he knows, and what he requires.

It is read from his own trust.toml (form in `config.trust`) or is exactly one key. Nothing in a
bundle is ever taken for it: a key in a bundle is only the bytes of a key whose digest stands here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attest.books import Vouched
from attest.keys import PublicKey, load_public
from config.books.prices import parse_prices
from config.errors import InputError, shown
from config.times import parse_time
from config.trust import KeyRow, Requirements, RevocationReason, parse_trust_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.history.placement import LogTrust
    from attest.timestamps.authority import Authority
    from config.books.prices import Price
    from config.caip import ChainId
    from config.registry import Registry
    from config.trust import HistoryTable, LogTable, PartyRow, TrustFile


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key of a party, and when its signatures count. Times are Unix seconds."""

    keyid: str
    begins: int | None = None
    ends: int | None = None
    """The last second of its window."""
    revoked: int | None = None
    """From when on nothing counts: for a compromised key, since when it may have been stolen."""
    reason: RevocationReason | None = None
    key: PublicKey | None = None
    """The key itself, where the file gave more than its digest."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party, and the keys it signs with."""

    name: str
    roles: tuple[str, ...]
    keys: tuple[TrustedKey, ...]
    entity: str | None = None
    """The responsible party whose statements it may sign, by name; None: any."""
    lei: str | None = None
    """The same, by its LEI."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom and what the verifier trusts."""

    parties: tuple[Party, ...]
    anchors: tuple[tuple[ChainId, int, str, int | None], ...] = ()
    """Chain, height, hash, and time where he knows it, of blocks."""
    require: Requirements = field(default_factory=Requirements)
    authorities: tuple[Authority, ...] = ()
    """Timestamp authorities."""
    log: LogTrust | None = None
    last: HistoryTable | None = None
    """The last statement of the series that he saw."""
    prices: tuple[Price, ...] = ()
    tolerance: str = "0"
    next_update: int | None = None
    """Unix seconds after which the file is stale."""

    def party(self, keyid: str) -> tuple[Party, TrustedKey] | None:
        """Give the party whose key it is, with what is known of the key; None if nobody's."""
        return next(
            ((one, key) for one in self.parties for key in one.keys if key.keyid == keyid), None
        )

    def party_of(self, keyid: str) -> str:
        """Give the name of the party whose key it is; empty if nobody's."""
        found = self.party(keyid)
        return "" if found is None else found[0].name

    def keyids(self, role: str, *, apart: bool = True) -> frozenset[str]:
        """Give the ids of the keys of a role; `apart` leaves out parties that attest too."""
        return frozenset(
            key.keyid
            for one in self.parties
            if role in one.roles and not (apart and "attester" in one.roles)
            for key in one.keys
        )

    @property
    def attesters(self) -> frozenset[str]:
        """The ids of keys that may sign an attestation."""
        return self.keyids("attester", apart=False)

    @property
    def custodians(self) -> frozenset[str]:
        """The ids of keys of custodians whose word may count; an attester's own is none of them."""
        return self.keyids("custodian")

    @property
    def vouched(self) -> Vouched:
        """The keys of third parties whose statements about the books may count."""
        roles = ("custodian", "auditor", "regulator")
        return Vouched(self.custodians, frozenset().union(*map(self.keyids, roles)))

    def challenger(self, keyid: str) -> bool:
        """Tell whether a key is of a party trusted to issue challenges, who is no attester."""
        return keyid in self.keyids("challenger")


def trust_key(key: PublicKey) -> Trust:
    """Trust exactly one key."""
    return Trust((Party("", ("attester",), (TrustedKey(key.keyid, key=key),)),))


def parse_trust(
    data: bytes, name: str, registry: Registry, read_beside: Callable[[str], bytes]
) -> Trust:
    """Read trust.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: names of chains and instruments.
        read_beside: gives the bytes of a file that it names: keys, certificates, prices.

    Raises:
        InputError: bad structure, no party, or one key under two parties.
    """
    document = parse_trust_file(data, name)
    if not document.party:
        raise InputError.at(name, "party", "empty", "name at least one party whose key you trust")
    parties = tuple(_party(row, name, read_beside) for row in document.party)
    keyids = [key.keyid for party in parties for key in party.keys]
    if len(set(keyids)) != len(keyids):
        raise InputError.at(name, "party", "one key under two parties")
    prices = document.prices
    return Trust(
        parties=parties,
        anchors=_anchors(document, name, registry),
        require=document.require,
        authorities=_authorities(document, name, read_beside),
        log=None if document.log is None else _log(document.log),
        last=document.history,
        prices=()
        if prices is None
        else parse_prices(read_beside(prices.file), prices.file, registry),
        tolerance="0" if prices is None else prices.tolerance,
        next_update=_time(document.next_update),
    )


def _party(row: PartyRow, name: str, read_key: Callable[[str], bytes]) -> Party:
    rows = row.keys or (KeyRow(file=row.key),)
    keys = tuple(_key(one, name, read_key) for one in rows)
    return Party(row.name, row.roles, keys, row.entity, row.lei)


def _key(row: KeyRow, name: str, read_key: Callable[[str], bytes]) -> TrustedKey:
    key = None if row.file is None else load_public(read_key(row.file), row.file)
    stated = (row.spki or "").lower()
    if key is not None and stated not in {"", key.keyid}:
        met = f"{row.file} is {key.keyid}, spki says {stated}"
        raise InputError.at(name, "party.keys", met)
    return TrustedKey(
        keyid=stated if key is None else key.keyid,
        begins=_time(row.not_before),
        ends=_time(row.not_after),
        revoked=_time(row.compromised_since or row.revoked_at),
        reason=row.reason,
        key=key,
    )


def _anchors(
    document: TrustFile, name: str, registry: Registry
) -> tuple[tuple[ChainId, int, str, int | None], ...]:
    try:
        return tuple(
            (registry.chain(chain).id, block.height, block.hash.lower(), _time(block.time))
            for chain, blocks in document.anchors.items()
            for block in blocks
        )
    except InputError as error:
        raise InputError.at(name, "anchors", error.what, error.hint) from error


def _authorities(
    document: TrustFile, name: str, read_beside: Callable[[str], bytes]
) -> tuple[Authority, ...]:
    if not document.timestamp_authority:
        return ()
    from attest.timestamps.authority import read_authority  # noqa: PLC0415 - X.509 for who asks

    found = tuple(
        read_authority(one.name, read_beside(one.certificate), read_beside(one.chain), one.policy)
        for one in document.timestamp_authority
    )
    if len({one.der for one in found}) != len(found):
        what = "one certificate under two authorities"
        raise InputError.at(name, "timestamp_authority", what)
    return found


def _log(table: LogTable) -> LogTrust:
    from attest.history.placement import LogTrust, read_keys  # noqa: PLC0415 - for who asks

    trust = LogTrust(
        table.origin, table.key, tuple((one.name, one.key) for one in table.witness), table.quorum
    )
    try:
        read_keys(trust)
    except InputError as error:
        raise InputError(f"log: {error.what}", shown(table.origin)) from error
    return trust


def _time(text: str | None) -> int | None:
    return None if text is None else parse_time(text)
