"""The rules that every CSV file keeps, tried on each kind of file; then the reader alone."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import accounts, books, claims, csvrows
from config.csvrows import parse_rows
from config.errors import InputError
from proofs.schemes import SCHEMES
from tests.config.known import ADDRESSES, DONE, GENESIS, REGISTRY, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@dataclass(frozen=True)
class Kind:
    """One kind of CSV file: where its limit is, its parser, a header and two rows."""

    module: ModuleType
    parse: Callable[[bytes], object]
    header: str
    rows: tuple[str, str]
    known: str
    """The columns, as the hint lists them."""

    @property
    def text(self) -> str:
        return "\n".join((self.header, *self.rows)) + "\n"


KINDS = {
    "accounts": Kind(
        accounts,
        lambda data: accounts.parse_accounts(data, "x.csv", REGISTRY, ADDRESSES, "main"),
        "account,method,holder,owner",
        (f"bitcoin:{GENESIS},cold,self,customer", f"ethereum:{DONE},hot,self,customer"),
        "account, method, holder, owner, assets, label, signing_domain",
    ),
    "claims": Kind(
        claims,
        lambda data: claims.parse_claims(data, "x.csv", REGISTRY, ADDRESSES, SCHEMES),
        "account,scheme,message,signature",
        (f"bitcoin:{GENESIS},bip137,hello,AAAA", f"ethereum:{DONE},eip191,@challenge,0x00"),
        "account, scheme, message, signature, public_key, script, encoding, signer, received_at",
    ),
    "liabilities": Kind(
        books,
        lambda data: books.parse_liabilities(data, "x.csv", REGISTRY),
        "instrument,amount,as_of",
        ("btc,1.5,2026-12-01T00:00:00Z", "jpy,1000,2026-12-01T00:00:00Z"),
        "instrument, amount, as_of",
    ),
    "prices": Kind(
        books,
        lambda data: books.parse_prices(data, "x.csv", REGISTRY),
        "instrument,currency,price,as_of,source",
        ("btc,jpy,14000000,2026-12-01T00:00:00Z,acme", "eth,jpy,5e,2026-12-01T00:00:00Z,acme"),
        "instrument, currency, price, as_of, source",
    ),
}
KINDS["prices"] = Kind(
    KINDS["prices"].module,
    KINDS["prices"].parse,
    KINDS["prices"].header,
    (KINDS["prices"].rows[0], KINDS["prices"].rows[1].replace("5e", "500000.25")),
    KINDS["prices"].known,
)
