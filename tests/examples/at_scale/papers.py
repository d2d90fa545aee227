"""The declaration, and the books besides the ledger: their rows, documents and signatures."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.amount import format_decimal
from config.times import format_time
from tests.examples import make
from tests.examples.at_scale.coins import DEPTH
from tests.examples.at_scale.proving import EARLIER, ENTITY, REVIEWER, key_file, key_of
from tests.examples.at_scale.wallets import DEBT, ETHER, GP, POOL, TOKEN, by_label
from tests.examples.make import run
from tests.nodes.token import token_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

BANK, TRUST, POOLING, BROKER = (
    "Example Trust Bank",
    "Example Custody Trust",
    "Example Pooled Custody",
    "Example Broker",
)
AUDITOR = "Example Audit LLC"
YEAR = 365 * 86_400
BORROWED: Mapping[str, int] = {"usdt": 50_000 * TOKEN}
MIXED_USDT = 70_000 * TOKEN
"""Customers' part of the tokens in each mixed wallet."""

Allocated = tuple[str, str, str, str, int]
"""Label of the wallet, asset, owner, encumbrance, base units."""


def _allocated() -> tuple[Allocated, ...]:
    found: list[Allocated] = []
    for at in range(1, 5):
        label = f"mixed {at}"
        ((_, units),) = by_label(label).held
        eth = units["eth"] * 3 // 4
        found += [
            (label, "eth", "customer", "free", eth),
            (label, "eth", "house", "free", units["eth"] - eth),
            (label, "usdt", "customer", "free", MIXED_USDT),
            (label, "usdt", "house", "free", units["usdt"] - MIXED_USDT),
        ]
    return (
        *found,
        ("staking", "eth", "customer", "staked", 256 * ETHER),
        ("staking", "eth", "customer", "exiting", 32 * ETHER),
        ("staking", "eth", "customer", "free", 32 * ETHER),
        ("lent", "usdc", "customer", "lent", 20_000 * TOKEN),
        ("pledged", "eth", "house", "pledged", 50 * ETHER),
    )


ALLOCATED = _allocated()
TIES: Mapping[str, tuple[int, str]] = {
    # How long after the time each encumbrance ends, and for whom it is.
    "staked": (YEAR, ""),
    "exiting": (9 * 86_400, ""),
    "lent": (30 * 86_400, "Example Borrower"),
    "pledged": (90 * 86_400, "Example Lending"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a custodian states."""

    custodian: str
    account: str
    symbol: str
    units: int
    pool: str = ""
    signed: bool = True

    @property
    def slug(self) -> str:
        """The name of its files."""
        return self.custodian.lower().replace(" ", "-")


STATEMENTS = (
    Statement(POOLING, "client-7731", "usdc", 12_000 * TOKEN, POOL),
    Statement(TRUST, "segregated 4", "eth", 15 * ETHER),
    Statement(BROKER, "EXJP-1", "usdt", 25_000 * TOKEN, signed=False),
)
DECIMALS: Mapping[str, int] = {"eth": 18, "usdt": 6, "usdc": 6}

RECORDED = f"""\
# The evidence was recorded from real nodes; it is read as if it were them.
[sources.anvil]
recorded = "recording"

[sources.litecoin-regtest]
recorded = "recording"
quorum = 2
confirmations = {DEPTH}
"""


def live_sources(evm: Anvil, nodes: tuple[Litecoind, Litecoind]) -> str:
    """Give the sources that are asked when the example is made."""
    return f"{make.live_sources(evm, nodes)}confirmations = {DEPTH}\n"


def declaration(as_of: str, sources: str) -> str:
    """Write the declaration."""
    books = ("liabilities", "prices", "reconciling", "allocations")
    tables = ("custody", "reserves", "facts", "assets")
    paths = [f'{one} = "books/{one}.csv"' for one in books]
    paths += [f'{one} = "books/{one}.toml"' for one in tables]
    inputs = "\n".join(paths)
    return f"""\
# A pretended Japanese exchange on test networks: README.md here walks through it. Made by
# tests/examples/at_scale from real nodes; the keys are test keys and nothing here has value.

[entity]
name = "{ENTITY}"
jurisdiction = "JP"

[attestation]
series = "example-exchange-tokyo"
sequence = 2
as_of = "{as_of}"
network = "test"
margin = 20
window_before = 7200
window_after = 1200

[inputs]
accounts = "accounts.csv"
claims = "claims.csv"
challenges = "challenges.json"
{inputs}

[policies]
packs = ["core"]
parameters = {{ "sampled_control.size" = 20 }}

[[carried]]
folder = "{EARLIER}"

[previous]
folder = "{EARLIER}"

{sources}"""


JAPAN = ("core", "jp-psa", "jp-liability-reserve", "jp-broker-175", "past-losses")
FIGURES: Mapping[str, str] = {
    # What the planned reserve could be: nobody has published a figure.
    "jp_reserve.volume_rate": "0.00008",
    "jp_reserve.custody_rate": "0.008",
    "jp_reserve.floor": "20000000",
    "jp_reserve.cap": "40000000000",
    "jp_reserve.insurance_share": "0.5",
    "jp_books_transactions.limit": "10",
    "jp_books_balances.limit": "7",
}


def by_the_rules_of_japan(text: str) -> str:
    """Give a declaration that is judged by Japan's rules, plans and past losses too."""
    head, _, rest = text.partition('packs = ["core"]\nparameters = { ')
    own, _, tail = rest.partition(" }\n")
    figures = "".join(f'\n"{key}" = "{value}"' for key, value in FIGURES.items())
    packs = "".join(f'    "{name}",\n' for name in JAPAN)
    return f"{head}packs = [\n{packs}]\n\n[policies.parameters]\n{own}{figures}\n{tail}"


def assets_toml() -> str:
    """Write assets.toml: an own token and instrument, a debt token, an instrument left out."""
    return f"""\
[[instrument]]
id = "gamepoint"
title = "Game Point"
decimals = 8

[[asset]]
chain = "anvil"
contract = "{GP}"
symbol = "gp"
decimals = 18
instrument = "gamepoint"
code_sha256 = "{_code_digest(18)}"

[[asset]]
chain = "anvil"
contract = "{DEBT}"
symbol = "debt-usdt"
decimals = 6
instrument = "usdt"
code_sha256 = "{_code_digest(6)}"
debt = true

[[out]]
instrument = "xrp"
reason = "its chain is not read by this version"
"""


def _code_digest(decimals: int) -> str:
    return hashlib.sha256(bytes.fromhex(token_runtime(decimals)[2:])).hexdigest()


def write(folder: Path, keys: Path, as_of: int) -> None:
    """Write allocations, prices, custody, reserves and facts, with keys and documents."""
    books = folder / "books"
    (books / "keys").mkdir()
    (books / "documents").mkdir()
    for party in (BANK, TRUST, POOLING, AUDITOR):
        path = books / "keys" / f"{party.lower().replace(' ', '-')}.pub"
        path.write_bytes(key_of(party).public.pem)
    (folder / "reviewer.pub").write_bytes(key_of(REVIEWER).public.pem)
    (folder / "exchange.pub").write_bytes(key_of(ENTITY).public.pem)
    (folder / "trust.toml").write_text(trust_toml())
    (books / "allocations.csv").write_text(allocations_csv(as_of))
    (books / "prices.csv").write_text(prices_csv(format_time(as_of)))
    (books / "custody.toml").write_text(custody_toml(folder, as_of))
    (books / "reserves.toml").write_text(reserves_toml(folder, as_of))
    (books / "facts.toml").write_text(facts_toml(as_of))
    for file, party in (
        ("custody", POOLING),
        ("custody", TRUST),
        ("reserves", BANK),
        ("facts", AUDITOR),
    ):
        signed = keys / f"stated-{file}-{party}"
        run(
            *("state", str(books / f"{file}.toml"), "--party", party, "--entity", ENTITY),
            *("--root", str(folder), "--assets", str(books / "assets.toml"), "--allow-test"),
            *("--key", key_file(keys, party), "-o", str(signed)),
        )
        shutil.copytree(signed, folder, dirs_exist_ok=True)


def trust_toml() -> str:
    """Write a verifier's trust.toml: its keys lie beside it, the signer's is the reader's own."""
    parties = (
        (ENTITY, "signer.pub", "attester"),
        (f"{ENTITY}, of the earlier statement", "exchange.pub", "attester"),
        (REVIEWER, "reviewer.pub", "challenger"),
        (POOLING, "books/keys/example-pooled-custody.pub", "custodian"),
        (TRUST, "books/keys/example-custody-trust.pub", "custodian"),
    )
    return "\n".join(
        f'[[party]]\nname = "{name}"\nkey = "{key}"\nroles = ["{role}"]\n'
        for name, key, role in parties
    )


def allocations_csv(as_of: int) -> str:
    """Write allocations.csv."""
    rows = []
    for label, symbol, owner, tie, units in ALLOCATED:
        seconds, whom = TIES.get(tie, (0, ""))
        until = format_time(as_of + seconds) if seconds else ""
        amount = format_decimal(units, DECIMALS[symbol])
        rows.append((by_label(label).account, symbol, owner, tie, amount, until, whom))
    columns = ("account", "asset", "owner", "encumbrance", "amount", "until", "beneficiary")
    return make.table(columns, rows)


def prices_csv(as_of: str) -> str:
    """Write prices.csv."""
    spot = {
        "eth": "412000.5",
        "usdt": "155.21",
        "usdc": "155.2",
        "ltc": "13100",
        "gamepoint": "3.5",
        "xrp": "78.25",
    }
    money = {"usd": "155.3", "krw": "0.108", "cad": "110.4", "inr": "1.77"}
    mean = {"eth": "398000", "ltc": "12650.25"}
    rows = [
        (one, "jpy", price, as_of, "example figures", "spot")
        for one, price in (spot | money).items()
    ]
    rows += [(one, "jpy", price, as_of, "example figures", "avg_1y") for one, price in mean.items()]
    return make.table(("instrument", "currency", "price", "as_of", "source", "basis"), rows)


def custody_toml(folder: Path, as_of: int) -> str:
    """Write custody.toml, and a document beside each signed statement."""
    text = ""
    for name in (POOLING, TRUST, BROKER):
        key = "" if name == BROKER else f'key = "books/keys/{name.lower().replace(" ", "-")}.pub"\n'
        text += f'[[custodian]]\nname = "{name}"\n{key}\n'
    for one in STATEMENTS:
        amount = format_decimal(one.units, DECIMALS[one.symbol])
        text += (
            f'[[statement]]\ncustodian = "{one.custodian}"\naccount = "{one.account}"\n'
            f'as_of = "{format_time(as_of)}"\nowner = "customer"\nmethod = "cold"\n'
            f'asset = "anvil:{one.symbol}"\namount = "{amount}"\n'
        )
        text += f'pool = "anvil:{one.pool}"\n' if one.pool else ""
        text += _document(folder, one, as_of) if one.signed else ""
        text += "\n"
    return text


def _document(folder: Path, one: Statement, as_of: int) -> str:
    """Write the document of a statement; give the table that names it."""
    amount = format_decimal(one.units, DECIMALS[one.symbol])
    content = (
        f"{one.custodian}: statement of holdings\n\nclient: {ENTITY}\naccount: {one.account}\n"
        f"as of: {format_time(as_of)}\nholding: {amount} {one.symbol}\n"
    ).encode()
    path = f"books/documents/{one.slug}"
    (folder / f"{path}.txt").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return (
        f'[statement.document]\nfile = "{path}.txt"\nsha256 = "{digest}"\n'
        f'signature = "{path}.dsse.json"\n'
    )


def paper(folder: Path, name: str, text: str) -> str:
    """Write a document that nobody signs; give what a row says of it."""
    path = f"books/documents/{name}.txt"
    (folder / path).write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'document = {{ file = "{path}", sha256 = "{digest}" }}\n'


def reserves_toml(folder: Path, as_of: int) -> str:
    """Write reserves.toml, and the papers that its rows name."""
    time = format_time(as_of)
    ends = format_time(as_of + YEAR // 2)
    deposit = paper(
        folder, "liability-reserve", f"{BANK}\nheld for {ENTITY}: 120000000 yen\nas of {time}\n"
    )
    policy = paper(
        folder, "cr-118", f"Example Mutual, policy CR-118 of {ENTITY}: theft\nuntil {ends}\n"
    )
    return f"""\
[[party]]
name = "{BANK}"
key = "books/keys/example-trust-bank.pub"

[[reserve]]
kind = "customer_money_trust"
instrument = "jpy"
amount = "1980000000"
holder = "{BANK}"
as_of = "{time}"
document = {{ signature = "books/documents/example-trust-bank.dsse.json" }}

[[reserve]]
kind = "liability_reserve"
instrument = "jpy"
amount = "120000000"
holder = "{BANK}"
as_of = "{time}"
{deposit}
[[reserve]]
kind = "guarantee_assets"
instrument = "jpy"
amount = "25000000"
holder = "{ENTITY}"
as_of = "{time}"

[[insurance]]
insurer = "Example Mutual"
policy = "CR-118"
currency = "jpy"
limit = "300000000"
deductible = "5000000"
scope = ["hot", "cold"]
perils = ["theft", "insider", "key_loss"]
from = "{format_time(as_of - YEAR // 2)}"
until = "{ends}"
{policy}
[[borrowing]]
lender = "Example Lending"
instrument = "usdt"
amount = "{format_decimal(BORROWED["usdt"], 6)}"
as_of = "{time}"
until = "{format_time(as_of + YEAR // 4)}"
"""


VOLUMES: Mapping[str, tuple[str, str, str]] = {
    # In yen, of the fiscal years that begin in these.
    "customer_spot": ("31000000000", "28500000000", "36000000000"),
    "customer_margin": ("9000000000", "7400000000", "11200000000"),
    "off_exchange": ("1200000000", "900000000", "1500000000"),
    "own_account": ("400000000", "350000000", "420000000"),
}


def facts_toml(as_of: int) -> str:
    """Write facts.toml."""
    time, day = format_time(as_of), format_time(as_of - 40 * 86_400)[:10]
    year = int(time[:4]) - (int(time[5:7]) <= 3)
    text = f'[[party]]\nname = "{AUDITOR}"\nkey = "books/keys/example-audit-llc.pub"\n\n'
    for kind, amounts in VOLUMES.items():
        for before, amount in zip((3, 2, 1), amounts, strict=True):
            period = {"kind": kind, "unit": "jpy", "period": f"FY{year - before}"}
            text += _fact("trading_volume", amount, **period)
    moment = {"unit": "jpy", "as_of": time}
    text += _fact("net_assets", "4200000000", **moment)
    text += _fact("customer_money_owed", "1975000000", **moment)
    text += _fact("customer_accounts", 2550, as_of=time)
    text += _fact("last_reconciliation", time)
    text += _fact("highest_online_share", "0.042", period=f"FY{year - 1}")
    text += _fact("highest_online_share", "0.047", period=f"FY{year}")
    text += _fact("reconciliation_missed_days", 0, period=f"FY{year}")
    for kind in ("transactions", "customer_balances", "reconciliations"):
        text += _fact("books_retention_years", 10, kind=kind, as_of=time)
    text += _fact("last_audit", day, kind="guarantee_assets")
    text += _fact("last_audit", day, kind="customer_money")
    text += _fact("last_audit", day, kind="customer_crypto", signer=AUDITOR)
    return f'{text}document = {{ signature = "books/documents/example-audit-llc.dsse.json" }}\n'


def _fact(key: str, value: str | int, **more: str) -> str:
    stated = {"key": key, "value": value, **more}
    return "\n[[fact]]\n" + "".join(f"{name} = {json.dumps(it)}\n" for name, it in stated.items())
