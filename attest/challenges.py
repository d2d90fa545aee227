"""Issuing challenge texts, and checking who issued them.

The signature is over the DSSE pre-authentication encoding of the file's RFC 8785 form without its
signatures. It shows that the texts are as the issuer made them; whether the issuer is someone to
trust is for the verifier to say.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from attest.errors import InvalidEnvelope
from attest.keys import load_public
from attest.statement import canonical
from attest.subjects import asked, listed, sample_size
from config.challenges import MAX_LINE, PAYLOAD_TYPE, Challenges
from config.errors import InputError, shown
from config.times import format_time
from proofs.challenge import accounts_digest, build_text, entity_line, short_text
from proofs.dsse import pae
from proofs.evm.typed_challenge import parse_text, typed_data

if TYPE_CHECKING:
    from attest.keys import SigningKey
    from config.accounts import Accounts
    from config.challenges import Anchor
    from config.declaration import Entity

NONCE_BYTES = 32


def issue(
    entity: Entity,
    accounts: Accounts,
    issuer: str,
    anchors: tuple[Anchor, ...],
    nonce: bytes,
    window: tuple[int, int],
    size: int | None = None,
) -> Challenges:
    """Make the challenge for every declared account, and for a sample of every group.

    Args:
        entity: who shall sign.
        accounts: its declared accounts.
        issuer: who asks for the signatures.
        anchors: recent blocks; a text cannot have been signed before they were mined.
        nonce: 32 random bytes.
        window: issued and expires, Unix seconds.
        size: how many accounts of each group are drawn; None if no rule says so.

    Raises:
        InputError: the name of the entity or issuer is not printable ASCII on one line, or too long
            for one; there are groups and no size.
    """
    bare = Challenges(
        version="v1",
        entity=_checked(entity_line(entity)),
        issuer=_checked(issuer),
        nonce=nonce.hex(),
        anchors=anchors,
        issuedAt=format_time(window[0]),
        expiresAt=format_time(window[1]),
        accountsSha256=accounts_digest(listed(accounts)),
        texts={},
        sampleSize=sample_size(accounts, size),
    )
    named = asked(bare, accounts)
    return replace(bare, texts={account: build_text(bare, account) for account in named})


def _checked(text: str) -> str:
    """Give a name back; refuse what a device may show differently, or cut."""
    if not (text.isascii() and text.isprintable() and text.strip() == text and text):
        hint = "a device may show other characters differently; give an LEI or an ASCII name"
        raise InputError(f"not printable ASCII: {shown(text)}", hint)
    if len(text) > MAX_LINE:
        raise InputError(f"name of {len(text)} characters, at most {MAX_LINE} are allowed")
    return text


def write_challenges(challenges: Challenges, key: SigningKey | None) -> bytes:
    """Write the file, signed if a key is given; raise SigningError."""
    document = challenges.unsigned()
    if key is not None:
        signature = key.sign(pae(PAYLOAD_TYPE, canonical(document)))
        document["signatures"] = [
            {
                "keyid": key.public.keyid,
                "publicKey": key.public.pem.decode(),
                "sig": base64.b64encode(signature).decode(),
            }
        ]
    return canonical(document) + b"\n"


def write_lines(challenges: Challenges) -> bytes:
    """Write the one-line form of every text, for devices that show little.

    In the order of the texts; each line names its account.
    """
    lines = (short_text(challenges, account) for account in challenges.texts)
    return "".join(f"{line}\n" for line in lines).encode()


def typed_files(challenges: Challenges) -> dict[str, bytes]:
    """Give each EVM text as typed data for a wallet's `eth_signTypedData_v4`, by file name.

    Raises:
        InputError: no text is about an EVM account.
    """
    read = {account: parse_text(text.encode()) for account, text in challenges.texts.items()}
    files = {
        f"{account.replace(':', '-').replace('*', 'every')}.json": canonical(typed_data(one))
        for account, one in read.items()
        if one is not None
    }
    if not files:
        hint = "leave --typed-data out: texts of other chains are signed as they stand"
        raise InputError("no text is about an EVM account", hint)
    return files


def check_signature(challenges: Challenges | None) -> None:
    """Return if the file is unsigned or its signature verifies; raise InputError otherwise."""
    if challenges is None or not challenges.signatures:
        return
    signature = challenges.signatures[0]
    key = load_public(signature.publicKey.encode(), "challenges.json: signatures.0.publicKey")
    if (key.keyid, key.pem.decode()) != (signature.keyid, signature.publicKey):
        found = f"keyid is {signature.keyid}, that of the public key is {key.keyid}"
        raise InputError(f"challenges.json: {found}, or the key is not as it is written")
    try:
        raw = _decoded(signature.sig)
        key.verify(raw, pae(PAYLOAD_TYPE, canonical(challenges.unsigned())))
    except (InvalidEnvelope, ValueError) as error:
        # Beside binascii.Error, which is one, base64 raises ValueError for text beyond ASCII.
        hint = "ask the issuer for the file again"
        raise InputError("challenges.json: the issuer's signature does not verify", hint) from error


def _decoded(text: str) -> bytes:
    """Read base64 in its one form: padded, no unused bits set; raise ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 with unused bits set")
    return raw
