"""Many proofs in one file, each on a line with what its customer checks it by.

    {"account": "1001", "identifier": "alice@example.com", "key": hex, "proof": {…}}

It holds what only each customer should have, so it is as secret as the private folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.statement import canonical
from config.errors import InputError
from config.jsontext import parse_json
from proofs.liabilities.commitment import Refused, fields_of, read_hash
from proofs.liabilities.encoding import CustomerKey, customer_id
from proofs.liabilities.inclusion import Claimant, check, inclusion_document, inclusion_of

if TYPE_CHECKING:
    from attest.liabilities.accounts import Found
    from proofs.liabilities.inclusion import Inclusion
    from proofs.liabilities.leaves import Holder

_KEYS = {"account", "identifier", "key", "proof"}


def line_of(holder: Holder, found: Found, inclusion: Inclusion) -> bytes:
    """Write one line."""
    return canonical(
        {
            "account": holder.account,
            "identifier": holder.identifier,
            "key": found.key.hex(),
            "proof": inclusion_document(inclusion),
        }
    )


def check_line(line: bytes, name: str, published: bytes) -> tuple[str, str] | None:
    """Check one line.

    Args:
        line: of such a file.
        name: of the file and line, for messages.
        published: the set hash.

    Returns:
        Reason and detail of a refusal; None for a proof that holds.

    Raises:
        InputError: the line is not of the form.
    """
    found = fields_of(parse_json(line, name), _KEYS, name)
    account, identifier = found["account"], found["identifier"]
    if not isinstance(account, str) or not isinstance(identifier, str):
        raise InputError(f"{name}: account or identifier is not text")
    try:
        key = CustomerKey(read_hash(found["key"], f"{name}: key"))
        claimant = Claimant(customer_id(account, identifier), key, published)
        check(inclusion_of(found["proof"], name), claimant)
    except Refused as refused:
        return refused.reason, refused.what
    return None
