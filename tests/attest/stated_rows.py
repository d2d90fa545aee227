"""Rows of the books that third parties state, and a party's key."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from attest.keys import SigningKey, load_signing, new_key
from config.books.custody import CustodyStatement
from config.books.document import Document
from config.books.facts import Fact, Span
from config.books.reserves import Reserve
from config.caip import AccountId, AssetId, InstrumentId
from tests.config.known import DEAD_BEEF

PDF = b"%PDF twelve hundred"
DIGEST = hashlib.sha256(PDF).hexdigest()
FILES = {"books/a.pdf": PDF}
ENTITY = "Example Exchange"
USDT = AssetId("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7")
TIME = 1796050800


def make() -> SigningKey:
    return load_signing(new_key("p256", None)[0], "test", lambda: b"")


KEY = make()
CUSTODY = CustodyStatement(
    where="statement.0",
    custodian="Acme Trust",
    account="client-7731",
    as_of=TIME,
    owner="customer",
    method="cold",
    asset=USDT,
    units=1_200_500_000,
    decimals=6,
    pool=AccountId(f"eip155:1:{DEAD_BEEF}"),
    document=Document("books/a.pdf", DIGEST, "books/a.json"),
)
RESERVE = Reserve(
    where="reserve.0",
    kind="customer_money_trust",
    instrument=InstrumentId("jpy"),
    units=1_980_000_000,
    decimals=0,
    holder="Example Bank",
    as_of=TIME,
    document=Document(signature="books/b.json"),
)
FACT = Fact(
    where="fact.0",
    key="trading_volume",
    kind="customer_spot",
    party="",
    value=36 * 10**12,
    unit=InstrumentId("jpy"),
    decimals=0,
    period=Span(date(2026, 4, 1), date(2026, 11, 30)),
    as_of=None,
    signer="Example Audit LLC",
    document=Document(signature="books/c.json"),
)
AUDIT = replace(
    FACT,
    key="last_audit",
    kind="customer_crypto",
    value=date(2026, 6, 30),
    unit=None,
    period=None,
)
TIER = replace(
    FACT, key="custodian_tier", kind="", party="Acme", value=2, unit=None, period=None, as_of=TIME
)
YEAR = replace(FACT, period="FY2026")
ROWS = (CUSTODY, replace(CUSTODY, pool=None), RESERVE, FACT, AUDIT, TIER, YEAR)
