"""Challenge texts: what an account's key is asked to sign, byte for byte.

    custody-attest challenge v1
    entity: 5493001KJTIIGC8Y1R12
    issuer: Example Audit
    purpose: proof of control, not a transfer
    chain: eip155:1
    address: 0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045
    anchor: eip155:1 21824260 0x5f…
    nonce: 9f…
    issued: 2026-11-22T00:00:00Z
    expires: 2026-12-06T00:00:00Z

Printable ASCII, one field a line, a line feed between lines and none at the end, because wallets
strip edge spaces and some normalise Unicode. The text names the address (a signature without it can
be made for a key nobody holds), the entity and issuer (no relaying), the anchor block (no signing
ahead) and the nonce (no replay). A verifier rebuilds the text from the fields; he never parses the
prover's copy.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from config.errors import InputError
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.challenges import Challenges
    from config.declaration import Entity

TITLE = "custody-attest challenge v1"
PURPOSE = "proof of control, not a transfer"


def build_text(challenges: Challenges, account: str) -> str:
    """Build the text for an account.

    Args:
        challenges: the issued file, for everything but the account.
        account: canonical: an address, a key expression with its chain, or `eip155:*:0x…`.
    """
    namespace, reference, address = account.split(":", 2)
    anchors = (f"anchor: {one.chain} {one.height} {one.hash}" for one in challenges.anchors)
    lines = (
        TITLE,
        f"entity: {challenges.entity}",
        f"issuer: {challenges.issuer}",
        f"purpose: {PURPOSE}",
        f"chain: {namespace}:{reference}",
        f"address: {address}",
        *anchors,
        f"nonce: {challenges.nonce}",
        f"issued: {challenges.issuedAt}",
        f"expires: {challenges.expiresAt}",
    )
    return "\n".join(lines)


def accounts_digest(accounts: Iterable[str]) -> str:
    """Give the SHA-256 over the accounts, sorted, each followed by a line feed, in hex."""
    digest = hashlib.sha256()
    for account in sorted(accounts):
        digest.update(f"{account}\n".encode())
    return digest.hexdigest()


def check_texts(challenges: Challenges, name: str) -> None:
    """Refuse a file whose texts or digest are not the ones its own fields give.

    Raises:
        InputError: names the first account whose text differs, or says that the digest or times do.
    """
    issued, expires = challenges.issuedAt, challenges.expiresAt
    if _time(name, "issuedAt", issued) >= _time(name, "expiresAt", expires):
        found = f"expires before it was issued: {expires}, issued {issued}"
        raise InputError.at(name, "expiresAt", found)
    digest = accounts_digest(challenges.texts)
    if digest != challenges.accountsSha256:
        found = f"not the digest of the accounts in texts, which is {digest}"
        raise InputError.at(name, "accountsSha256", found)
    for account, text in challenges.texts.items():
        if build_text(challenges, account) != text:
            raise InputError.at(name, f"texts.{account}", "not the text its own fields give")


def check_entity(challenges: Challenges, entity: Entity, name: str) -> None:
    """Refuse texts that were issued for someone else: a signature over them says nothing here.

    Raises:
        InputError: the file names another entity than the declaration.
    """
    if challenges.entity != entity_line(entity):
        found = f"issued for {challenges.entity!r}, the declaration says {entity_line(entity)!r}"
        raise InputError.at(name, "entity", found, "issue the texts for this entity")


def entity_line(entity: Entity) -> str:
    """Give what a text calls the entity: its LEI, its name where it has none."""
    return entity.lei or entity.name


def _time(name: str, field: str, text: str) -> int:
    try:
        return parse_time(text)
    except InputError as error:
        raise InputError.at(name, field, error.what, error.hint) from error
