"""Sealing: a statement that can be shown without its rows, and proves them when they are shown.

With `[inputs] salts` (a file of 32 random bytes in hex, a new one for each statement) the payload
holds nothing by which an account could be found or a guess about one confirmed:

- of `report/accounts.csv` its number of rows and the root of a Merkle tree (RFC 6962, as
  `attest.history.tree` has it) whose entries are

      SHA-256(salt || RFC 8785 form of the row, column by column)

- of the files that show accounts their names; their digests are in `evidence/sealed.json`, which
  begins with a salt and is itself a subject,

      {"files": {"evidence/inputs/accounts.csv": "<SHA-256>", …}, "salt": "<32 bytes, hex>"}

- of findings what was found, under a veil (`attest.veil`); they are whole in
  `report/findings.json`.

Salts are HMAC-SHA256 under the secret of what they are for and of the statement's id, so that
nobody who holds one row's salt learns another's, nor that of the same row in another statement.

What a sealed statement still shows is in it for everyone to read: totals by asset, method, holder,
owner and band, and how many accounts each has. A total of one account is that account's balance,
and a balance at a known block can be looked for on a public chain: `attest disclose` names such
lines before it writes a public copy.

Chosen: the digests of files in one salted list. Refused: their plain digests in the statement;
whoever knows most of a file, such as a short list of accounts, could try the rest. Refused: hashes
of addresses without a salt, because every address with coins can be tried.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.statement import canonical
from config.errors import InputError
from config.jsontext import parse_json
from config.text import decode
from proofs.liabilities.keyed import begun, ended

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attest.content import Content

SEALED = "evidence/sealed.json"
ROWS = "report/accounts.csv"
FINDINGS = "report/findings.json"
SECRET_BYTES = 32
MAX_SECRET = 200
MAX_LIST = 16 * 1024 * 1024
_SECRET = re.compile(r"[0-9a-f]{64}\n?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Salts:
    """What makes the salts of one statement."""

    secret: bytes
    statement: str
    """Its id."""

    def of_row(self, index: int) -> bytes:
        """Give the 32 bytes that go with a row."""
        return self._salt(f"row {index}")

    def of_list(self) -> str:
        """Give the salt of the list of sealed files, hex."""
        return self._salt("list").hex()

    def _salt(self, purpose: str) -> bytes:
        return ended(begun(self.secret), f"custody-attest {purpose} {self.statement}".encode())


def parse_salts(data: bytes, name: str) -> bytes:
    """Read the secret of the salts; raise InputError."""
    text = decode(data, name, MAX_SECRET)
    if not _SECRET.fullmatch(text):
        hint = "make it with attest disclose salts"
        raise InputError.at(name, "", f"{2 * SECRET_BYTES} lower-case hex digits expected", hint)
    return bytes.fromhex(text)


def is_sealed(name: str) -> bool:
    """Tell whether a file shows accounts, so that a sealed statement keeps its digest apart."""
    public = name.startswith(("criteria/", "evidence/liabilities/"))
    return name not in {"VERIFY.md", "report/report.md", SEALED} and not public


def records(table: bytes) -> Iterator[dict[str, str]]:
    """Give the rows of accounts.csv, each by its columns."""
    return csv.DictReader(io.StringIO(table.decode(), newline=""))


def entry_of(record: Mapping[str, str], salt: bytes) -> bytes:
    """Give the entry of a row in the tree."""
    return hashlib.sha256(salt + canonical(dict(record))).digest()


def entries_of(table: bytes, salts: Salts) -> tuple[bytes, ...]:
    """Give the entry of every row, in their order."""
    return tuple(
        entry_of(record, salts.of_row(index)) for index, record in enumerate(records(table))
    )


def build_list(files: Mapping[str, Content], salts: Salts) -> bytes:
    """List the digests of sealed files behind a salt."""
    digests: dict[str, object] = {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    return canonical({"files": digests, "salt": salts.of_list()})


def read_list(data: bytes) -> dict[str, str]:
    """Read the list of sealed files into digests by name; raise InputError."""
    if len(data) > MAX_LIST:
        raise InputError(f"{SEALED}: {len(data)} bytes, the limit is {MAX_LIST}")
    document = parse_json(data, SEALED)
    match document:
        case {"files": dict(files), "salt": str(salt), **rest} if not rest:
            digests = [salt, *files.values()]
            if all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in digests):
                return {str(name): str(digest) for name, digest in files.items()}
    raise InputError(f"{SEALED}: keys or values have the wrong form")
