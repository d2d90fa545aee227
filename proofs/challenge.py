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

A device that shows little signs one line instead, in the order chain, address, digest of the text:

    custody-attest v1 eip155:1 0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045 sha256:5c…

It names the address itself, and all the rest through the digest; whoever has the text computes it.
So it is no field of challenges.json, which holds the texts.
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
LINE_TITLE = "custody-attest v1"


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


def short_text(challenges: Challenges, account: str) -> str:
    """Build the one-line form of the text for an account; arguments as of `build_text`."""
    namespace, reference, address = account.split(":", 2)
    digest = hashlib.sha256(build_text(challenges, account).encode()).hexdigest()
    return f"{LINE_TITLE} {namespace}:{reference} {address} sha256:{digest}"


def issued_for(challenges: Challenges, message: str) -> str | None:
    """Give the account for which a message was issued, in either form; None if it was for none.

    What the message says of itself is only where to look: it must be the issued text byte for byte.
    """
    account = _named_in(message)
    if account is None or account not in challenges.texts:
        return None
    forms = (build_text(challenges, account), short_text(challenges, account))
    return account if message in forms else None


def _named_in(message: str) -> str | None:
    """Find the account that a message names where our texts do."""
    if message.startswith(f"{LINE_TITLE} "):
        parts = message.removeprefix(f"{LINE_TITLE} ").split(" ", 2)
        return ":".join(parts[:2]) if len(parts) > 2 else None  # noqa: PLR2004 - and the digest
    if not message.startswith(f"{TITLE}\n"):
        return None
    lines = dict(line.partition(": ")[::2] for line in message.split("\n"))
    return f"{lines.get('chain')}:{lines.get('address')}"


def accounts_digest(accounts: Iterable[str]) -> str:
    """Give the SHA-256 over the accounts, sorted, each followed by a line feed, in hex."""
    digest = hashlib.sha256()
    for account in sorted(accounts):
        digest.update(f"{account}\n".encode())
    return digest.hexdigest()


def check_texts(challenges: Challenges, name: str) -> None:
    """Refuse a file whose texts or digest are not the ones its own fields give.

    The digest of a file with a sample is of accounts that the file does not name; it is left out.

    Raises:
        InputError: names the first account whose text differs, or says that the digest or times do.
    """
    issued, expires = challenges.issuedAt, challenges.expiresAt
    if _time(name, "issuedAt", issued) >= _time(name, "expiresAt", expires):
        found = f"expires before it was issued: {expires}, issued {issued}"
        raise InputError.at(name, "expiresAt", found)
    digest = accounts_digest(challenges.texts)
    # With a sample the list is longer than the texts; whoever has the list compares it
    # (`attest.subjects.check_list`).
    if not challenges.sampleSize and digest != challenges.accountsSha256:
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
