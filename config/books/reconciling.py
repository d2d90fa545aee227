"""reconciling.csv: what the ledger and the chain have not both seen at the time of the statement.

    kind,instrument,amount,txid,account,note
    withdrawal,btc,0.75,9c12…,bitcoin:bc1q…,asked for at 23:58

| kind | what happened | what it does to the difference |
|---|---|---|
| `withdrawal` | debited in the ledger, mined after the pinned block | less: the coins are there |
| `deposit` | mined up to the pinned block, credited later | less: they are owed |
| `transfer` | left one account, came to another after the block; `txid` is `OUT IN` | more |
| `fee` | paid to the network by the entity | none: it explains a gap and covers nothing |

A row says nothing by itself: each is looked up on its chain. `amount` is what the transactions move
between declared accounts and others, exactly, in display units of the instrument; `account` is one
of the declared accounts they touch. A blank `txid` is allowed and leaves the row unchecked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from config.books.cells import (
    MAX_BYTES,
    read_account,
    read_amount,
    read_instrument,
    read_transaction,
    refuse_twice,
)
from config.csvrows import parse_rows
from config.text import decode

if TYPE_CHECKING:
    from config.books.cells import Reading
    from config.caip import AccountId, ChainId, InstrumentId
    from config.csvrows import Row
    from config.registry import Chain

ItemKind = Literal["withdrawal", "deposit", "transfer", "fee"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
COLUMNS = ("kind", "instrument", "amount", "txid", "account", "note")
_LEGS = {"transfer": 2}
"""How many transactions an item is, where it is not one."""


@dataclass(frozen=True, slots=True)
class ReconcilingItem:
    """One row."""

    line: int
    kind: ItemKind
    instrument: InstrumentId
    units: int
    """Base units of the instrument."""
    chain: ChainId
    txids: tuple[str, ...]
    """As the chain writes them; empty if none is named."""
    account: AccountId
    note: str


def parse_reconciling(data: bytes, name: str, reading: Reading) -> tuple[ReconcilingItem, ...]:
    """Read reconciling.csv.

    Raises:
        InputError: as the folder README of `config` says of every file; what is no transaction
            identifier of the account's chain, an amount of zero, or one item stated twice.
    """
    rows = parse_rows(decode(data, name, MAX_BYTES), name, COLUMNS)
    items = tuple(_item(row, reading) for row in rows)
    named = [
        (one.kind, one.instrument, one.txids, one.account) if one.txids else one.line
        for one in items
    ]
    refuse_twice(rows, "txid", named)
    return items


def _item(row: Row, reading: Reading) -> ReconcilingItem:
    kind = cast("ItemKind", row.choice("kind", ITEM_KINDS))
    instrument = read_instrument(row, "instrument", reading.registry)
    chain, account = read_account(row, "account", reading)
    units = read_amount(row, "amount", instrument.decimals)
    if not units:
        raise row.error("amount", "amount is zero", "leave the row out")
    txids = _txids(row, kind, chain) if row["txid"] else ()
    note = row.plain("note")
    return ReconcilingItem(row.line, kind, instrument.id, units, chain.id, txids, account, note)


def _txids(row: Row, kind: ItemKind, chain: Chain) -> tuple[str, ...]:
    found = tuple(row["txid"].split(" "))
    wanted = _LEGS.get(kind, 1)
    if len(found) != wanted:
        hint = "a transfer names the transaction out and the one in, with a space between them"
        raise row.error("txid", f"{len(found)} transactions, a {kind} has {wanted}", hint)
    return tuple(read_transaction(row, "txid", txid, chain) for txid in found)
