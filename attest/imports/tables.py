"""The files that an import writes: accounts.csv, claims.csv and refused.csv.

An account that several rows name is one row here, with the least favourable method and holder, as
`config.accounts` would merge it, and every label once. A claim that several rows repeat is one row.
Without a single claim there is no claims.csv, because a table without rows is no valid input; the
same holds for refused.csv.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.imports.entries import OWNER, SELF
from config import accounts, claims
from config.accounts import LEAST_FAVOURABLE
from config.claims import CHALLENGE
from config.errors import shown
from config.text import MAX_PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.imports.entries import Claimed, Entry, Reading
    from config.caip import AccountId

ACCOUNTS = (*accounts.COLUMNS, "label")
CLAIMS = (*claims.COLUMNS, "public_key", "script", "encoding", "profile")
REFUSED = ("line", "reason", "entry")
SHOWN = 32
"""Characters of a refused row: enough to find it, not enough for a private key."""
SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class Tables:
    """What is written."""

    files: dict[str, bytes]
    accounts: int
    claims: int
    unclaimed: int
    """Accounts without a claim."""


def refused_rows(reading: Reading) -> tuple[tuple[int, str, str], ...]:
    """List line, reason and the beginning of each refused row."""
    return tuple((one.line, one.reason, shown(one.text, SHOWN)) for one in reading.refusals)


def tables(reading: Reading) -> Tables:
    """Make the files of a reading, by name."""
    same: dict[AccountId, list[Entry]] = {}
    claimed: dict[tuple[AccountId, Claimed], None] = {}
    for entry in reading.entries:
        same.setdefault(entry.account, []).append(entry)
        if entry.claim is not None:
            claimed[entry.account, entry.claim] = None
    files = {"accounts.csv": _csv(ACCOUNTS, (_account(rows) for rows in same.values()))}
    if claimed:
        files["claims.csv"] = _csv(CLAIMS, (_claim(*one) for one in claimed))
    if reading.refusals:
        files["refused.csv"] = _csv(REFUSED, refused_rows(reading))
    covered = {account for account, _ in claimed}
    return Tables(files, len(same), len(claimed), len(same.keys() - covered))


def _account(rows: list[Entry]) -> tuple[str, ...]:
    foreign = [row.holder for row in rows if row.holder != SELF]
    method = min((row.method for row in rows), key=LEAST_FAVOURABLE.index)
    holder = foreign[0] if foreign else SELF
    return rows[0].account, method, holder, OWNER, _label(row.label for row in rows)


def _label(labels: Iterable[str]) -> str:
    """Join different labels as far as a label may be long."""
    joined = ""
    for label in dict.fromkeys(labels):
        longer = f"{joined}{SEPARATOR}{label}" if joined else label
        if len(longer) > MAX_PLAIN:
            return joined
        joined = longer
    return joined


def _claim(account: AccountId, claim: Claimed) -> tuple[str, ...]:
    # The literal text of a publisher must never stand for a text that we issued.
    literal = not claim.message.startswith(CHALLENGE)
    message = claim.message if literal else claim.message.encode().hex()
    return (
        *(account, claim.scheme, message, claim.signature, claim.public_key, claim.script),
        *("utf8" if literal else "hex", claim.profile),
    )


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
