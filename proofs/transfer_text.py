"""What of a text a transaction may carry, and whether the text will do."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs.control import InvalidProof

if TYPE_CHECKING:
    from proofs.control import Signing


def carried_forms(signing: Signing) -> tuple[bytes, bytes]:
    """Give the bytes that may stand for the message: itself, and its SHA-256.

    Raises:
        InvalidProof: `text_names_no_account` if the message does not name the first account. Such a
        text may stand in any transaction: empty in most, an amount, the call of a token. The caller
        has seen that there is an account.
    """
    first = signing.addresses[0].lower().encode()
    if first not in signing.message.lower():
        raise InvalidProof("text_names_no_account")
    digest = hashlib.sha256(signing.message).digest()
    signing.show("SHA-256 of the message", digest)
    return signing.message, digest
