"""OKX: the file of signed addresses that goes with its proof of reserves, and the auditor's form.

    coin,amount                                                            totals: no rows
    (blank line)
    coin,address,amount,message,signature1,signature2,key                               7 cells
    coin,network,snapshot height,address,amount,message,signature1,signature2,key       9
    … with eoa1,eoa2 at the end                                                        11
    … and with type after coin                                                         12
    digitalAsset[,chain],network,address,signedMessage,signedMessage2,message,publicKey,owner1,owner2

`key` is the redeem script of a multisig address, or the public key. Cells at the end of a row may
be left out, and `null` stands for an empty one. Each line is read alone, so that a quote left open
cannot swallow the rows below it.

What a row's signatures become:

1. owners are named, or two signatures without a script: the row speaks of a contract. Naming owners
   proves nothing of what the contract obeys, so the account has no claim;
2. Bitcoin family: two signatures, or a script, are `multisig-signmessage`, one is `bip137`;
3. EVM: `eip191-keccak`; ed25519 chains: `ed25519-prefixed`, profile `okx`;
4. Tron: `tip191-v1`, profile `keccak`, or `tip191-v2`, whichever holds: the file does not say.

Source of the layouts: okx/proof-of-reserves, `example/*.csv`, `cmd/verifyaddress/main.go`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.imports.entries import MAX_BYTES, MAX_TEXT, SELF, Claimed, Entry, RefusedRow, sort_out
from attest.imports.okx_networks import network_of
from attest.imports.trial import form_that_holds
from config.caip import address_of
from config.errors import InputError
from config.text import decode, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.imports.entries import Known, Reading
    from attest.imports.okx_networks import Form

LIMITS = (
    "every row signs one fixed text without date, nonce, entity or address: a proof is grade D",
    "a signature of such a text may be copied from an earlier report",
    "owners named beside a contract do not show what it obeys: such accounts have no claim",
    "Tron rows do not say in which of two forms they are signed: the one that holds is claimed",
    "amounts and heights of the file are not imported: balances are read from the chains",
    "whose the coins are and how keys are kept is not said: owner is mixed, method unknown",
    "what customers are owed is not in the file",
)

NAMES = {
    "digitalasset": "coin",
    "balance": "amount",
    "signedmessage": "signature1",
    "signedmessage2": "signature2",
    "redeemscript": "key",
    "redeemscript/publickey": "key",
    "publickey": "key",
    "eoa1": "owner1",
    "eoa2": "owner2",
}
"""Names of columns in lower case without spaces, and what they are called here."""
_SHORT = ("coin", "address", "amount", "message", "signature1", "signature2", "key")
_NINE = ("coin", "network", "snapshotheight", *_SHORT[1:])
_OWNERS = ("owner1", "owner2")
_AUDITOR = ("network", "address", "signature1", "signature2", "message", "key", *_OWNERS)
LAYOUTS: tuple[tuple[str, ...], ...] = (
    _SHORT,
    _NINE,
    (*_NINE, *_OWNERS),
    ("coin", "type", *_NINE[1:], *_OWNERS),
    ("coin", *_AUDITOR),
    ("coin", "chain", *_AUDITOR),
)
NEEDED = ("coin", "network", "address", "message", "signature1")
"""No row is read that ends before the last of these."""
MAX_TOTALS = 10_000
"""Lines above the table: the publisher's files have dozens, one a coin and network."""
TOTALS_CELLS = 3
"""A line above the table has a coin, perhaps a height, and an amount."""
NOT_STAKED = ("", "non staking")
PUBLIC_KEYS = ("02", "03", "04")
"""How the hex of a public key begins; a multisig script begins with a number's opcode."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: its cells by our names, or None if it is no row of the layout."""

    text: str
    cells: dict[str, str] | None


def read(data: bytes, name: str, known: Known) -> Reading:
    """Read a file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        known: chains, address parsers and schemes.

    Raises:
        InputError: not text, too large, no header of a known layout, or lines above it that are
            not totals.
    """
    lines = decode(data, name, MAX_BYTES).split("\n")
    header, layout = _header(lines, name)
    above = [line for line in lines[:header] if line.strip()]
    return sort_out(
        _rows(lines, header + 1, layout), lambda row: _entry(row, known), _about, len(above)
    )


def _header(lines: list[str], name: str) -> tuple[int, tuple[str, ...]]:
    """Find the table's header; refuse anything above it that is not a total."""
    for place, line in enumerate(lines[:MAX_TOTALS]):
        cells = _cells(line)
        named = tuple(_column(cell) for cell in cells or ())
        if named in LAYOUTS:
            return place, named
        if cells is None or len(cells) > TOTALS_CELLS:
            raise InputError.at(
                name,
                f"line {place + 1}",
                "neither a total nor a header of a layout that is known",
                f"known: {'; '.join(','.join(layout) for layout in LAYOUTS)}",
            )
    raise InputError.at(name, "", "no header of a layout that is known", ",".join(_NINE))


def _column(cell: str) -> str:
    plain = cell.lower().replace(" ", "")
    return NAMES.get(plain, plain)


def _rows(lines: list[str], first: int, layout: tuple[str, ...]) -> Iterator[tuple[int, _Line]]:
    least = 1 + max(layout.index(column) for column in NEEDED if column in layout)
    for place in range(first, len(lines)):
        if not lines[place].strip():
            continue
        cells = _cells(lines[place])
        if cells is None or not least <= len(cells) <= len(layout):
            yield place + 1, _Line(lines[place], None)
            continue
        padded = cells + [""] * (len(layout) - len(cells))
        yield place + 1, _Line(lines[place], dict(zip(layout, padded, strict=True)))


def _cells(line: str) -> list[str] | None:
    """Cut one line; None if its quotes do not close."""
    if '"' not in line:
        return line.split(",")
    csv.field_size_limit(MAX_BYTES)
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return None


def _about(row: _Line) -> str:
    if row.cells is None:
        return row.text
    return " ".join(row.cells.get(one, "") for one in ("coin", "network", "address"))


def _entry(row: _Line, known: Known) -> Entry:
    cells = row.cells
    if cells is None or any(len(cell) > MAX_TEXT for cell in cells.values()):
        raise RefusedRow("malformed_row")
    values = {column: _value(cell) for column, cell in cells.items() if column != "message"}
    coin, address = values["coin"], values["address"]
    if not (is_plain(coin) and address):
        raise RefusedRow("malformed_row")
    if values.get("type", "").lower() not in NOT_STAKED:
        raise RefusedRow("staking")
    found = network_of(values.get("network", ""), coin)
    if found is None:
        raise RefusedRow("unknown_coin")
    name, form = found
    chain = known.chain(name)
    account = known.account(chain, address)
    forms = _forms(form, values, cells["message"])
    claim = form_that_holds(chain, address_of(account), forms)
    if claim is not None and claim.scheme not in known.schemes:
        raise RefusedRow("scheme_unknown")
    # The signed text calls the address the publisher's own.
    return Entry(account, "unknown", SELF, coin, claim)


def _value(cell: str) -> str:
    plain = cell.strip()
    return "" if plain.lower() == "null" else plain


def _forms(form: Form, values: dict[str, str], message: str) -> tuple[Claimed, ...]:
    """Give what the row claims, in each form that it may be signed in; nothing if it claims none.

    Raises:
        RefusedRow: `scheme_unknown`.
    """
    signatures = tuple(values[one] for one in ("signature1", "signature2") if values[one])
    owned = any(values.get(one) for one in _OWNERS)
    if owned or not signatures or (len(signatures) > 1 and form != "utxo"):
        return ()
    key, first = values["key"], signatures[0]
    if form == "utxo":
        if len(signatures) > 1 or (key and not key.removeprefix("0x").startswith(PUBLIC_KEYS)):
            joined = ";".join(signatures)
            return (Claimed("multisig-signmessage", message, joined, script=key),)
        return (Claimed("bip137", message, first, key),)
    if form == "evm":
        return (Claimed("eip191-keccak", message, first, key),)
    if form == "tron":
        older = Claimed("tip191-v1", message, first, key, profile="keccak")
        return older, Claimed("tip191-v2", message, first, key)
    if form == "ed25519":
        return (Claimed("ed25519-prefixed", message, first, key, profile="okx"),)
    raise RefusedRow("scheme_unknown")
