"""Opening: one account of a sealed statement shown, and checked, without the others.

    {"payloadSha256": "…", "rows": [{"index": "11", "path": ["<hash>", …],
       "record": {"account": "…", "asset": "…", "units": "…", …}, "salt": "<32 bytes>"}],
     "version": "1"}

A row is of the statement if record and salt give an entry that stands at the index of the tree
whose root and size the signed payload holds. Who is shown a row learns that row and its salt; the
hashes beside it say nothing of the other rows, because each has a salt of its own, and neither does
the index, because entries are in the order of their bytes.

An opening is RFC 8785 JSON, its rows in the order of their indexes, each once: every changed byte
is found, and no row can be added up twice. That it shows all rows of an account is the word of
whoever wrote it. What the rows that nobody opens hold is the signer's word, until whoever may see
all of them has made the statement again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory, InvalidOpening
from attest.history.tree import Head, check_inclusion, inclusion_path
from attest.inputs import DECLARATION, INPUTS, criteria_in, registry_of
from attest.report.tables import ACCOUNT_COLUMNS
from attest.sealing import ROWS, Salts, entries_of, entry_of, parse_salts, records
from attest.statement import canonical
from config.declaration import parse_declaration
from config.errors import InputError
from config.jsontext import parse_json

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.content import Files
    from attest.frame_records import Disclosure

VERSION = "1"
MAX_OPENING = 16 * 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CELL = re.compile(r"[ -~]*", re.ASCII)
"""What a cell of accounts.csv holds: identifiers, numbers and closed words."""
_INDEX = re.compile(r"(0|[1-9][0-9]{0,18})", re.ASCII)


def open_account(files: Files, parts: Parts, account: str) -> bytes:
    """Write what shows every row of an account.

    Args:
        files: of a bundle that holds the rows and the secret of their salts.
        parts: the same, taken apart.
        account: canonical CAIP-10.

    Raises:
        InputError: the statement seals nothing, the bundle withholds what is needed, or no row is
            of the account.
    """
    _disclosure(parts)
    if ROWS in parts.withheld:
        raise InputError(f"a {parts.profile} copy has no rows", "open rows with the whole bundle")
    salts = Salts(_secret(files), parts.predicate.attestation_id)
    table = bytes(files[ROWS])
    entries = entries_of(table, salts)
    rows = [
        _opened(entries, record, salts.of_row(row))
        for row, record in enumerate(records(table))
        if record["account"] == account
    ]
    if not rows:
        raise InputError(f"no row is of account {account}", "write it as report/accounts.csv does")
    ordered = [row for _, row in sorted(rows, key=lambda row: row[0])]
    return canonical({"version": VERSION, "payloadSha256": parts.digest, "rows": ordered})


def _opened(
    entries: tuple[bytes, ...], record: dict[str, str], salt: bytes
) -> tuple[int, dict[str, object]]:
    """Give a row's index, and what shows it."""
    index = bisect_left(entries, entry_of(record, salt))
    path = [one.hex() for one in inclusion_path(entries, index)]
    return index, {"index": str(index), "record": record, "salt": salt.hex(), "path": path}


def _secret(files: Files) -> bytes:
    registry = registry_of(criteria_in(files))
    named = parse_declaration(bytes(files[DECLARATION]), "declaration.toml", registry).inputs.salts
    if named is None:
        raise InputError("the declaration names no salts")
    return parse_salts(bytes(files[INPUTS + named]), named)


def check_opening(data: bytes, parts: Parts) -> tuple[dict[str, str], ...]:
    """Give the rows that an opening shows to be the statement's.

    Args:
        data: the opening.
        parts: a bundle, or any copy of one.

    Raises:
        InputError: not an opening, or of a statement that seals nothing.
        InvalidOpening: `other_statement` of another payload, `not_in_tree` a row that is not there.
    """
    disclosure = _disclosure(parts)
    about, rows = _read(data)
    if about != parts.digest:
        what = f"opening is of payload {about}, the bundle's is {parts.digest}"
        raise InvalidOpening("other_statement", what)
    head = Head(int(disclosure.rows), bytes.fromhex(disclosure.root))
    for index, record, salt, path in rows:
        try:
            check_inclusion(entry_of(record, salt), index, path, head)
        except InvalidHistory as error:
            raise InvalidOpening("not_in_tree", error.what) from error
    return tuple(record for _, record, _, _ in rows)


def _disclosure(parts: Parts) -> Disclosure:
    if parts.predicate.disclosure is None:
        raise InputError("the statement seals nothing", "its rows are in report/accounts.csv")
    return parts.predicate.disclosure


Row = tuple[int, dict[str, str], bytes, tuple[bytes, ...]]


def _read(data: bytes) -> tuple[str, tuple[Row, ...]]:
    if len(data) > MAX_OPENING:
        raise InputError(f"opening too large: {len(data)} bytes, the limit is {MAX_OPENING}")
    document = parse_json(data, "opening")
    if canonical(document) != data:
        raise InputError("opening: not in canonical form (RFC 8785)")
    match document:
        case {"version": str(version), "payloadSha256": str(about), "rows": [*rows], **rest} if (
            version == VERSION and rows and not rest
        ):
            found = tuple(_row(one) for one in rows)
        case _:
            raise InputError("opening: keys or values have the wrong form")
    indexes = [index for index, _, _, _ in found]
    if indexes != sorted(set(indexes)):
        raise InputError("opening: its rows are not in order, each once")
    return about, found


def _row(row: object) -> Row:
    match row:
        case {
            "index": str(index),
            "record": dict(record),
            "salt": str(salt),
            "path": [*path],
            **rest,
        } if not rest and _INDEX.fullmatch(index):
            cells = {key: record[key] for key in ACCOUNT_COLUMNS if _is_cell(record.get(key))}
            whole = len(record) == len(cells) == len(ACCOUNT_COLUMNS)
            if whole and all(_is_hash(one) for one in (salt, *path)):
                return int(index), cells, bytes.fromhex(salt), tuple(map(bytes.fromhex, path))
    raise InputError("opening: a row has the wrong form")


def _is_cell(text: object) -> bool:
    return isinstance(text, str) and _CELL.fullmatch(text) is not None


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and _HASH.fullmatch(text) is not None
