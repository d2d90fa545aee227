"""SAMPLE.csv: deposits and withdrawals of the ledger that went over a chain, to be traced there.

    kind,instrument,amount,txid,chain,account,booked_at,reference
    deposit,btc,0.75,9c12…,,bitcoin:bc1q…,2026-11-30T09:12:44Z,D-20481
    withdrawal,usdt,1200,0x5f…,ethereum,,,W-7719

If customers' deposits arrive at wallets that are not declared, or withdrawals leave from such, the
list of accounts is not whole. `chain` or `account` is given; if both are, they agree. The account
is the one that a deposit was credited to, or that a withdrawal was paid from, and need not be a
declared one: that is what the tracing asks. `amount` is what the customer's transfer moves on
chain, exactly, in display units of the instrument.

Every row has one form, which its drawing follows from and in which a drawn row is written: these
columns in this order, chain and account as CAIP identifiers, the amount without zeros at its end,
the time in UTC. A row that is there twice in that form is refused, since a sample of one payment
counted twice is smaller than it says; a reference tells two alike payments of a batch apart.

A file may hold all movements of a ledger. It is read row by row, and rows are kept by who draws.
Refused: dropping rows that are not understood. What is not in the list cannot be drawn.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from config.accounts import check_network
from config.amount import format_decimal
from config.books.cells import (
    read_account,
    read_amount,
    read_instrument,
    read_time,
    read_transaction,
)
from config.caip import chain_of_asset
from config.csvrows import open_run, read_run
from config.errors import InputError
from config.text import decode
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from config.books.cells import Reading
    from config.caip import AccountId, ChainId, InstrumentId
    from config.csvrows import Row
    from config.registry import Chain

_Moved: TypeAlias = "Collection[tuple[ChainId, InstrumentId | None]]"
"""Which chains move which instruments."""

SampleKind = Literal["deposit", "withdrawal"]
SAMPLE_KINDS: tuple[SampleKind, ...] = get_args(SampleKind)
COLUMNS = ("kind", "instrument", "amount", "txid")
OPTIONAL = ("chain", "account", "booked_at", "reference")

MAX_BYTES = 384 * 1024 * 1024
"""A million rows with every column in its longest usual form, and room."""
MAX_ROWS = 1_000_000
"""Rows of a file: half a minute of reading. A longer ledger is sampled month by month."""
MAX_TRACED = 100_000
"""Rows that are asked about: each is a question or more to every node, and a line of evidence."""


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One deposit or withdrawal."""

    line: int
    kind: SampleKind
    instrument: InstrumentId
    units: int
    """Base units of the instrument."""
    chain: ChainId
    txid: str
    """As the chain writes it."""
    account: AccountId | None
    """Credited by a deposit, debited by a withdrawal; None: whichever declared one it was."""
    text: str
    """The row in its one form: a line of CSV without its end."""


def read_sample(data: bytes, name: str, reading: Reading) -> Iterator[SampleRow]:
    """Read SAMPLE.csv, one row after another.

    Raises:
        InputError: as the folder README of `config` says of every file; neither chain nor account,
            or two that differ; an instrument without an asset on the chain; what is no transaction
            identifier; an amount of zero; one row twice; too many rows.
    """
    run = open_run(decode(data, name, MAX_BYTES), name, COLUMNS, OPTIONAL)
    assets = reading.registry.assets
    moved = frozenset((chain_of_asset(one.id), one.instrument) for one in assets)
    met: set[bytes] = set()
    for number, row in enumerate(read_run(run, (*COLUMNS, *OPTIONAL)), 1):
        if number > MAX_ROWS:
            raise InputError.at(name, f"line {row.line}", f"more than {MAX_ROWS} rows")
        found = _sample_row(row, reading, moved)
        digest = hashlib.sha256(found.text.encode()).digest()
        if digest in met:
            hint = "give payments that are alike a reference each"
            raise row.error("txid", f"stated twice: {found.txid}", hint)
        met.add(digest)
        yield found


def parse_trace(data: bytes, name: str, reading: Reading) -> tuple[SampleRow, ...]:
    """Read a sample of which every row is traced; raise InputError as above, or if it is large."""
    return whole(read_sample(data, name, reading), name)


def whole(rows: Iterable[SampleRow], name: str) -> tuple[SampleRow, ...]:
    """Take all rows; raise InputError if they are more than are traced."""
    found = tuple(islice(rows, MAX_TRACED + 1))
    if len(found) > MAX_TRACED:
        hint = "draw a sample: attest trace --count N -o FILE"
        raise InputError.at(name, "", f"more than {MAX_TRACED} rows to trace", hint)
    return found


def write_sample(rows: Iterable[SampleRow]) -> bytes:
    """Write rows as a file that reads as the same rows."""
    lines = (_line((*COLUMNS, *OPTIONAL)), *(row.text for row in rows))
    return "".join(f"{line}\n" for line in lines).encode()


def _sample_row(row: Row, reading: Reading, moved: _Moved) -> SampleRow:
    kind = cast("SampleKind", row.choice("kind", SAMPLE_KINDS))
    instrument = read_instrument(row, "instrument", reading.registry)
    chain, account = _place(row, reading)
    if (chain.id, instrument.id) not in moved:
        # No transaction of the chain moves it, so the tracing would find a wallet unknown.
        raise row.error("instrument", f"{instrument.id} has no asset on {chain.name}")
    units = read_amount(row, "amount", instrument.decimals)
    if not units:
        raise row.error("amount", "amount is zero", "leave the row out")
    txid = read_transaction(row, "txid", row["txid"], chain)
    amount = format_decimal(units, instrument.decimals)
    booked_at = format_time(read_time(row, "booked_at")) if row["booked_at"] else ""
    reference = row.plain("reference")
    cells = (kind, instrument.id, amount, txid, chain.id, account or "", booked_at, reference)
    return SampleRow(row.line, kind, instrument.id, units, chain.id, txid, account, _line(cells))


def _place(row: Row, reading: Reading) -> tuple[Chain, AccountId | None]:
    """Give the chain, and the account if one is named."""
    if row["account"]:
        chain, account = read_account(row, "account", reading)
        if row["chain"] and _chain(row, reading) != chain:
            raise row.error("chain", f"{row['chain']}, and the account is on {chain.name}")
        return chain, account
    if not row["chain"]:
        raise row.error("chain", "neither chain nor account is given", "write such as ethereum")
    return _chain(row, reading), None


def _chain(row: Row, reading: Reading) -> Chain:
    try:
        chain = reading.registry.chain(row["chain"])
        check_network(chain, reading.network)
    except InputError as error:
        raise row.restated("chain", error) from error
    return chain


def _line(cells: Iterable[str]) -> str:
    """Write one line of CSV (RFC 4180), quoted where it must be."""
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()
