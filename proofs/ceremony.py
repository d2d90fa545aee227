"""The ceremony document: what somebody watched being done with the key of an account.

    {"accounts":["eip155:1:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"],
     "held_at":"2026-11-22T10:05:00Z","message_sha256":"5c…","place":"Vault 2, Zurich",
     "version":"v0","what":"transaction_signed","witness":"Example Audit, J. Doe"}

It is what an auditor would put into his working papers: which accounts, when, what he saw, and who
he is; `place` alone may be left out. `message_sha256` is of the text that was issued for the first
account, so that the document is of one challenge, and cannot be of an earlier one. The bytes are
the RFC 8785 form and nothing else: a document has one spelling.

`what` is a closed word: `transaction_signed` and `message_signed`, the account's key signed before
the witness in a form that no scheme here reads; `device_opened`, the device that holds the key was
opened with its secret and showed the account's address.

Refused: free text about what was seen. Nobody can judge it by a rule, and it would travel into
reports.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import rfc8785
from pydantic import Field
from pydantic.dataclasses import dataclass

from config.challenges import Hex32, Named, Utc  # noqa: TC001 - pydantic reads the annotations at run time
from config.declaration import Name  # noqa: TC001 - the same
from config.errors import InputError
from config.jsontext import parse_json
from config.strict import STRICT, parse
from config.times import parse_time

PAYLOAD_TYPE = "application/vnd.custody-attest.ceremony+json"
MAX_ACCOUNTS = 1000
"""Nobody watches more in one sitting."""
MAX_BYTES = 256 * 1024
"""A thousand accounts of two hundred characters, and room."""
_NAME = "ceremony"

What = Literal["transaction_signed", "message_signed", "device_opened"]


@dataclass(frozen=True, slots=True, config=STRICT)
class Ceremony:
    """The whole document."""

    version: Literal["v0"]
    accounts: Annotated[tuple[Named, ...], Field(min_length=1, max_length=MAX_ACCOUNTS)]
    """CAIP-10; for an extended key, the address of the key that was used."""
    message_sha256: Hex32
    """Of the text issued for the first account of the claim."""
    witness: Name
    """Who watched, as he names himself; the key that signs says who it is."""
    held_at: Utc
    what: What
    place: Name | None = None

    @property
    def moment(self) -> int:
        """When it was held, Unix seconds."""
        return parse_time(self.held_at)


def build_ceremony(document: dict[str, object]) -> Ceremony:
    """Make a document of its fields; raise InputError with the key path of the first fault."""
    ceremony = parse(Ceremony, document, _NAME)
    try:
        parse_time(ceremony.held_at)
    except InputError as error:
        raise InputError.at(_NAME, "held_at", error.what, error.hint) from error
    return ceremony


def write_ceremony(ceremony: Ceremony) -> bytes:
    """Write the bytes that are signed."""
    stated = {key: value for key, value in asdict(ceremony).items() if value is not None}
    return rfc8785.dumps({**stated, "accounts": list(ceremony.accounts)})


def read_ceremony(data: bytes) -> Ceremony:
    """Read the bytes that were signed.

    Raises:
        InputError: too large, another form, or another spelling of the same.
    """
    if len(data) > MAX_BYTES:
        raise InputError.at(_NAME, "", f"{len(data)} bytes, the limit is {MAX_BYTES}")
    document = parse_json(data, _NAME)
    if not isinstance(document, dict):
        raise InputError.at(_NAME, "", "an object is expected")
    ceremony = build_ceremony(document)
    if write_ceremony(ceremony) != data:
        raise InputError.at(_NAME, "", "not in canonical form (RFC 8785)")
    return ceremony
