"""Scheme `witnessed`: an auditor signed that he watched the key of the accounts being used.

For accounts whose keys sign nothing but their own transactions, and move nothing for a proof.

    public_key   base64 of the auditor's SPKI in DER (`proofs.dsse`)
    script       base64 of the ceremony document (`proofs.ceremony`)
    signature    base64, over the DSSE encoding of the document

1. the key is ECDSA P-256 or Ed25519, in its one spelling;
2. the signature is of that key over the document, before anything is read from it;
3. the document is of exactly the claim's accounts, in its order. Several may be named, for a
   ceremony at which several were used; then the text is the first one's, as in every scheme for
   many, and the others are bound by standing in the same signed document;
4. its `message_sha256` is of the claim's text.

What is proved is a witness's word and not a key: whose key it is, and whether he is believed, is
for whoever verifies to say, by the `keyid`. So it gives the band `attested`, over our text, and no
band over another. That the ceremony was held while the text was valid is looked at where the text
is known (`proofs.check`).

Refused: a document of more accounts than the claim names, of which a claim could be cut as it
suits; and one key on every EVM network, because a witness sees one chain.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from config.errors import InputError
from proofs import base64text, dsse
from proofs.ceremony import MAX_BYTES, PAYLOAD_TYPE, read_ceremony
from proofs.control import InvalidProof, Proof

if TYPE_CHECKING:
    from proofs.ceremony import Ceremony
    from proofs.control import Signing

MAX_TEXT = (MAX_BYTES + 2) // 3 * 4
"""Characters: base64 of the largest document."""


def verify(signing: Signing) -> Proof:
    """Check a witness's document about the claim's accounts.

    Raises:
        InvalidProof: `malformed_public_key`, `not_a_key`, `malformed_ceremony`,
            `malformed_signature`, `signature_invalid`, `account_not_covered`,
            `account_not_named`, `message_not_signed`.
    """
    key = dsse.read_key(signing.public_key)
    signing.show("keyid of the witness", key.keyid)
    document = base64text.decode(signing.script, MAX_TEXT, "malformed_ceremony")
    signing.show("ceremony document", document)
    signed = dsse.pae(PAYLOAD_TYPE, document)
    signing.show("what the witness signed", signed)
    dsse.check(key, signing.signature, signed)
    ceremony = _read(document)
    _check_accounts(signing, ceremony)
    digest = hashlib.sha256(signing.message).digest()
    signing.show("SHA-256 of the message", digest)
    if ceremony.message_sha256 != digest.hex():
        raise InvalidProof("message_not_signed")
    # Not the signature's bytes: ECDSA has many over one document.
    identity = hashlib.sha256(bytes.fromhex(key.keyid) + signed).hexdigest()
    return Proof((identity,), keyid=key.keyid, held_at=ceremony.moment)


def _read(document: bytes) -> Ceremony:
    try:
        return read_ceremony(document)
    except InputError as error:
        raise InvalidProof("malformed_ceremony") from error


def _check_accounts(signing: Signing, ceremony: Ceremony) -> None:
    """Refuse a document that is of other accounts, or of the same in another order."""
    claimed = tuple(f"{signing.chain.id}:{address}" for address in signing.addresses)
    if not set(claimed) <= set(ceremony.accounts):
        raise InvalidProof("account_not_covered")
    if claimed != ceremony.accounts:
        raise InvalidProof("account_not_named")
