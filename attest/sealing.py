"""Sealing: a statement that can be shown without its rows, and proves them when they are shown.

With `[inputs] salts` (a file of 32 random bytes in hex, a new one for each statement) the payload
holds nothing by which an account could be found or a guess about one confirmed:

- of `report/accounts.csv` its number of rows and the root of a Merkle tree (RFC 6962, as
  `attest.history.tree` has it) whose entries are, in the order of their bytes,

      SHA-256(salt || RFC 8785 form of the row, column by column)

- of the files that show accounts their names; their digests are in `evidence/sealed.json`, which
  begins with a salt and is itself a subject,

      {"files": {"evidence/inputs/accounts.csv": "<SHA-256>", …}, "salt": "<32 bytes, hex>"}

- of findings what was found, under a veil (`attest.veil`); they are whole in
  `report/findings.json`.

Salts are HMAC-SHA256 under the secret of what they are for and of the statement's id, so that
nobody who holds one row's salt learns another's, nor that of the same row in another statement.
The order of entries is as good as drawn by lot: the place of a row says nothing of the rows beside
it, or of its place in the file or in another statement.

What a sealed statement still shows is in it for everyone to read: totals by asset, method, holder,
owner and band, and how many accounts each has; how much each kind of reconciling item comes to;
what custodians, lenders and insurers state; and the names of files. A total of one account is that
account's balance, and a balance at a known block can be looked for on a public chain:
`attest disclose copy` names such totals (`few`). Names of files are refused if they hold a word
that may be an address, a key or a digest.

A secret has no form by which a bad one could be told from a good one; only one of hardly any
different bytes is refused. The same secret under other statements gives other salts, but whoever
is given one whole statement is given it: make a new one each time.

Chosen: entries in the order of their bytes. Refused: the order of the file, which many keep from
month to month, and in which neighbours are alike.
Chosen: the digests of files in one salted list. Refused: their plain digests in the statement;
whoever knows most of a file, such as a short list of accounts, could try the rest.
Refused: hashes of addresses without a salt, because every address with coins can be tried.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.statement import canonical, check_name
from config.errors import InputError
from config.jsontext import parse_json
from config.text import decode
from proofs.liabilities.keyed import begun, ended

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from attest.content import Content
    from attest.predicate import Predicate

SEALED = "evidence/sealed.json"
ROWS = "report/accounts.csv"
FINDINGS = "report/findings.json"
SEALABLE = ("evidence/", "report/")
SECRET_BYTES = 32
LEAST_VARIETY = 12
"""Fewer different bytes than 32 drawn by lot have but once in more than 2**64 times."""
FEW = 3
"""Accounts or transactions whose total is as good as a list of them."""
MAX_SECRET = 200
MAX_LIST = 16 * 1024 * 1024
_SECRET = re.compile(r"[0-9a-f]{64}\n?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TELLING = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,}", re.ASCII)
"""A word of letters and digits that may be an address, a key or a digest."""


@dataclass(frozen=True, slots=True)
class Salts:
    """What makes the salts of one statement."""

    secret: bytes
    statement: str
    """Its id."""

    def of_row(self, row: int) -> bytes:
        """Give the 32 bytes that go with a row of the file, counted from 0."""
        return self._salt(f"row {row}")

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
    secret = bytes.fromhex(text)
    if len(set(secret)) < LEAST_VARIETY:
        found = f"{len(set(secret))} different bytes: nothing that was drawn by lot"
        raise InputError.at(name, "", found, "make it with attest disclose salts")
    return secret


def refuse_telling(paths: Iterable[str]) -> None:
    """Refuse names of files that a sealed statement would show an account by; raise InputError."""
    for path in paths:
        if met := _TELLING.search(path):
            what = f"the name of an input shows what may be an account: {met.group(0)[:100]}"
            raise InputError(what, "a sealed statement shows the names of its files: rename it")


def is_sealed(name: str) -> bool:
    """Tell whether a file shows accounts, so that a sealed statement keeps its digest apart."""
    public = name.startswith(("criteria/", "evidence/liabilities/"))
    return name not in {"VERIFY.md", "report/report.md", SEALED} and not public


def check_sealed(sealed: tuple[str, ...], subjects: Collection[str]) -> None:
    """Return if a statement seals what shows accounts, gives its digest nowhere, and no more.

    A copy without these files cannot be made again, so this is asked of every statement.

    Args:
        sealed: the names that it lists.
        subjects: the names of which its digests stand in it.

    Raises:
        InputError: the names are not in order or not of files that are sealed, or a subject is.
    """
    names = [*sealed, *subjects]
    folded = {name.casefold() for name in names}
    if list(sealed) != sorted(sealed) or ROWS not in sealed or len(folded) != len(names):
        raise InputError("the list of what the statement seals has the wrong form")
    for name in sealed:
        check_name(name)
        if not is_sealed(name) or not name.startswith(SEALABLE):
            raise InputError(f"a statement cannot seal {name}")
    plain = sorted(name for name in subjects if is_sealed(name))
    if plain or SEALED not in subjects:
        raise InputError(f"the statement seals its rows, and shows the digests of {plain}")


def records(table: bytes) -> Iterator[dict[str, str]]:
    """Give the rows of accounts.csv, each by its columns."""
    return csv.DictReader(io.StringIO(table.decode(), newline=""))


def entry_of(record: Mapping[str, str], salt: bytes) -> bytes:
    """Give the entry of a row in the tree."""
    return hashlib.sha256(salt + canonical(dict(record))).digest()


def entries_of(table: bytes, salts: Salts) -> tuple[bytes, ...]:
    """Give the entry of every row, in the order of the entries."""
    return tuple(
        sorted(entry_of(record, salts.of_row(row)) for row, record in enumerate(records(table)))
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


def few(predicate: Predicate) -> tuple[str, ...]:
    """Name every total of a statement that is of so few accounts that it can lead to them."""
    lines = (
        (f"{one.asset} {one.method} {one.holder} {one.owner} {one.band}", one.accounts)
        for one in predicate.holdings
    )
    known = ((f"{one.asset} {one.evidence_class}", one.accounts) for one in predicate.evidence)
    items = (
        (f"{one.instrument} {item.kind}", rows)
        for one in predicate.comparison
        for item in one.items
        for rows in (item.confirmed_rows, item.other_rows)
    )
    stated = (
        (f"{one.custodian} {one.asset}", one.account.rpartition(" ")[2])
        for one in predicate.books.custody
    )
    return (
        *(f"the total of {what} is of {count} accounts" for what, count in lines if _is_few(count)),
        *(f"{what} is known of {count} accounts" for what, count in known if _is_few(count)),
        *(f"{what} is of {count} transactions" for what, count in items if _is_few(count)),
        *(f"{what} is stated of {count} accounts" for what, count in stated if _is_few(count)),
    )


def _is_few(count: str) -> bool:
    return count.isdecimal() and 0 < int(count) <= FEW
