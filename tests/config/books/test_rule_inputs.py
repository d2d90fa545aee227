"""Every quantity that a custody rule asks for can be written in one of the files people write.

The rules are those known of laws, proposals and stress tests; their identifiers name a jurisdiction
and a subject. Each line says where the rule's inputs stand: a file, and a key or word in it. A rule
that could be computed from nothing anybody can state would be unknown for ever.
"""

from __future__ import annotations

import pytest

from config.accounts import parse_accounts
from config.books.allocations import parse_allocations
from config.books.assets import parse_own_assets
from config.books.custody import parse_custody
from config.books.fact_keys import FACT_KEYS
from config.books.facts import parse_facts
from config.books.liabilities import parse_liabilities
from config.books.prices import parse_prices
from config.books.reserves import parse_reserves
from config.declaration import parse_declaration
from config.policy import assemble, parse_pack
from tests.config.known import ADDRESSES, DEAD_BEEF, DONE, GENESIS, READING, REGISTRY

AT = "2026-11-30T15:00:00Z"
HELD = (("accounts.csv", "customer"), ("custody.toml", "customer"))
OWED = (("liabilities.csv", "balance"),)
METHODS = (("accounts.csv", "hot"), ("accounts.csv", "cold"), ("custody.toml", "cold"))
SPOT = (("prices.csv", "spot"),)
AVERAGE = (("prices.csv", "avg_1y"),)
GUARANTEE = (("accounts.csv", "guarantee"), ("reserves.toml", "guarantee_assets"))
INSURED = (("reserves.toml", "insurance"),)
RESERVED = (("reserves.toml", "liability_reserve"),)
LIMIT = (("pack.toml", "parameters"),)
DAYS = (("pack.toml", "calendar"),)
SHARES = (*HELD, *METHODS, *OWED, *SPOT, *LIMIT)
VOLUMES = tuple(
    ("facts.toml", f"trading_volume {base}") for base in FACT_KEYS["trading_volume"].kinds
)
AUDITS = tuple(("facts.toml", f"last_audit {what}") for what in FACT_KEYS["last_audit"].kinds)
BOOKS = tuple(
    ("facts.toml", f"books_retention_years {what}")
    for what in FACT_KEYS["books_retention_years"].kinds
)
FACTS = "facts.toml"

RULES: dict[str, tuple[tuple[str, str], ...]] = {
    # Laws and rules in force, proposals of a regulator, and rules of our own.
    "ALL-COV-1": (*HELD, *OWED, ("assets.toml", "asset"), ("assets.toml", "out")),
    "ALL-COV-2": (*HELD, *OWED),
    "JP-HOT-5": (*SHARES, (FACTS, "highest_online_share"), *DAYS),
    "JP-GUAR-1": (*HELD, *METHODS, *GUARANTEE, ("allocations.csv", "guarantee")),
    "JP-GUAR-2": (*GUARANTEE, *METHODS, ("accounts.csv", "house")),
    "JP-CAP-1": ((FACTS, "net_assets"), *GUARANTEE, *SPOT),
    "JP-FIAT-1": (("reserves.toml", "customer_money_trust"), (FACTS, "customer_money_owed")),
    "JP-AUD-1": (*AUDITS, *DAYS),
    "JP-REC-1": (
        (FACTS, "reconciliation_missed_days"),
        (FACTS, "last_reconciliation"),
        *BOOKS,
        *DAYS,
    ),
    "JP-LR-X": (*VOLUMES, *HELD, *METHODS, *SPOT, *RESERVED, *INSURED, *LIMIT, *DAYS),
    "KR-COLD-80": (*HELD, *METHODS, *OWED, *AVERAGE, *LIMIT),
    "KR-RES-5": (*HELD, *METHODS, *SPOT, *RESERVED, *INSURED, *LIMIT),
    "KR-BANK-30": ((FACTS, "average_daily_deposits"), *RESERVED, *LIMIT),
    "HK-HOT-2": SHARES,
    "HK-COMP": (
        *HELD,
        *METHODS,
        *SPOT,
        *INSURED,
        *RESERVED,
        ("reserves.toml", "house_capital"),
        ("reserves.toml", "bank_guarantee"),
        *LIMIT,
    ),
    "SG-COLD-90": SHARES,
    "BH-COLD-90": (*HELD, *METHODS, *OWED, *LIMIT),
    "AE-RES-100": (
        *HELD,
        *OWED,
        (FACTS, "last_proof_audit"),
        (FACTS, "last_reconciliation"),
        (FACTS, "reconciliation_missed_days"),
    ),
    "TR-PLAT-5": (("accounts.csv", "self"), ("custody.toml", "custodian"), *OWED, *SPOT, *LIMIT),
    "TR-POR-Q": ((FACTS, "last_proof_audit"), (FACTS, "shortfall_notified"), *HELD, *OWED, *DAYS),
    "TH-COLD-90": (*SHARES, (FACTS, "customer_assets_value")),
    "TH-CAPITAL": ((FACTS, "net_assets"), (FACTS, "licence_class"), *LIMIT),
    "JP-BROKER-175": (*VOLUMES, (FACTS, "reserve_brought_forward"), *RESERVED, *LIMIT, *DAYS),
    "CA-SELF-20": (
        ("accounts.csv", "self"),
        ("custody.toml", "custodian"),
        (FACTS, "custodian_tier"),
        *SPOT,
        *LIMIT,
    ),
    "EU-OWN": (
        (FACTS, "fixed_overheads"),
        (FACTS, "net_assets"),
        ("reserves.toml", "house_capital"),
        ("reserves.toml", "bank_guarantee"),
        *INSURED,
        *LIMIT,
    ),
    "TX-REP-90": ((FACTS, "report_filed"), (FACTS, "customer_accounts"), *DAYS),
    "CLS-1": (("accounts.csv", "cold"), ("declaration.toml", "window"), *LIMIT),
    "CLS-2": (("accounts.csv", "signing_domain"), *METHODS, *LIMIT),
    "DUP-1": (("accounts.csv", "account"),),  # beside other entities' bundles
    "WIN-1": (("declaration.toml", "window"), ("reserves.toml", "borrowing"), *LIMIT),
    "LIA-1": (*OWED, *LIMIT),  # beside the statement before
    "FRESH-1": (("liabilities.csv", "as_of"), ("declaration.toml", "as_of"), *LIMIT),
    # The three blocks of reserve adequacy: law, proposal, stress.
    "RESERVE-LAW": (*HELD, *METHODS, *GUARANTEE, *SPOT),
    "RESERVE-PROPOSAL": (*VOLUMES, *METHODS, *SPOT, *RESERVED, *INSURED, *LIMIT, *DAYS),
    "RESERVE-STRESS": (
        *HELD,
        *METHODS,
        *GUARANTEE,
        *SPOT,
        *RESERVED,
        *INSURED,
        (FACTS, "net_assets"),
        *LIMIT,
    ),
}

ACCOUNTS = f"""\
account,method,holder,owner,signing_domain
bitcoin:{GENESIS},cold,self,customer,vault-1
ethereum:{DEAD_BEEF},hot,self,guarantee,hot-1
ethereum:{DONE},warm,Acme Trust,house,
"""
ALLOCATIONS = f"account,asset,owner,encumbrance,amount\nethereum:{DEAD_BEEF},eth,guarantee,free,3\n"
LIABILITIES = f"instrument,amount,as_of,kind\nbtc,1,{AT},balance\n"
PRICES = f"""\
instrument,currency,price,as_of,source,basis
btc,jpy,15000000,{AT},an index,spot
btc,krw,140000000,{AT},an index,avg_1y
"""
CUSTODY = f"""\
[[custodian]]
name = "Acme Trust"
[[statement]]
custodian = "Acme Trust"
account = "client-7731"
as_of = "{AT}"
owner = "customer"
method = "cold"
asset = "bitcoin:btc"
amount = "1"
"""
ASSETS = f"""\
[[instrument]]
id = "gamepoint"
title = "Game Point"
decimals = 8
[[asset]]
chain = "ethereum"
contract = "{DONE}"
symbol = "gp"
decimals = 18
instrument = "gamepoint"
code_sha256 = "{"0" * 64}"
[[out]]
instrument = "gamepoint"
reason = "not owed to customers"
"""
RESERVES = (
    "".join(
        f'[[reserve]]\nkind = "{kind}"\ninstrument = "jpy"\namount = "1980000000"\n'
        f'holder = "Example Bank"\nas_of = "{AT}"\n'
        for kind in (
            "liability_reserve",
            "guarantee_assets",
            "customer_money_trust",
            "house_capital",
            "bank_guarantee",
        )
    )
    + f"""\
[[insurance]]
insurer = "Example Mutual"
policy = "1"
currency = "jpy"
limit = "3000000000"
deductible = "0"
scope = ["cold"]
perils = ["theft"]
from = "{AT}"
until = "2027-11-30T15:00:00Z"
[[borrowing]]
lender = "Example Lending"
instrument = "btc"
amount = "1"
as_of = "{AT}"
"""
)
PACK = """\
id = "all"
version = "1"
title = "All"
block = "proposals"
[calendar]
time_zone = "Asia/Tokyo"
holidays = ["2026-11-03", "2026-11-23"]
fiscal_year_start = "04-01"
[[rule]]
id = "reserve"
kind = "reserve/1"
title = "t"
severity = "warn"
parameters = { limit = "0.05", floor = "3000000000", tier_caps = ["1", "1", "0.75", "0.40"] }
"""
DECLARATION = f"""\
[entity]
name = "Example Exchange"
[attestation]
series = "s"
network = "main"
as_of = "{AT}"
window_before = 86400
window_after = 86400
[inputs]
accounts = "accounts.csv"
"""
VALUES = {
    "money": 'value = "1000000"\nunit = "jpy"',
    "count": "value = 3",
    "share": 'value = "0.042"',
    "date": 'value = "2026-06-30"',
    "time": f'value = "{AT}"',
}
TIMES = {"period": 'period = "FY2026"', "as_of": f'as_of = "{AT}"', "itself": ""}


def facts_toml() -> str:
    """Write a fact of every key and kind."""
    return "".join(
        f'[[fact]]\nkey = "{name}"\n{VALUES[key.form]}\n{TIMES[key.over]}\n'
        + (f'kind = "{kind}"\n' if kind else "")
        + ('party = "Acme Trust"\n' if key.party else "")
        for name, key in FACT_KEYS.items()
        for kind in (key.kinds or ("",))
    )


@pytest.fixture(scope="module")
def stated() -> set[tuple[str, str]]:
    """Parse a folder that holds everything, and give what stands in it."""
    accounts = parse_accounts(ACCOUNTS.encode(), "accounts.csv", REGISTRY, ADDRESSES, "main")
    custody = parse_custody(CUSTODY.encode(), "custody.toml", READING)
    reserves = parse_reserves(RESERVES.encode(), "reserves.toml", REGISTRY)
    facts = parse_facts(facts_toml().encode(), "facts.toml", REGISTRY)
    own = parse_own_assets(ASSETS.encode(), "assets.toml", READING)
    attestation = parse_declaration(DECLARATION.encode(), "declaration.toml", REGISTRY).attestation
    (pack,) = assemble((("all", PACK.encode()),), {}).packs
    liabilities = parse_liabilities(LIABILITIES.encode(), "liabilities.csv", REGISTRY)
    found: dict[str, set[str]] = {
        "accounts.csv": {
            "account",
            *(word for row in accounts.rows for word in (row.method, row.holder, row.owner)),
            *("signing_domain" for row in accounts.rows if row.signing_domain),
        },
        "allocations.csv": {
            row.owner for row in parse_allocations(ALLOCATIONS.encode(), "a.csv", READING)
        },
        "liabilities.csv": {word for row in liabilities for word in (row.kind, "as_of")},
        "prices.csv": {row.basis for row in parse_prices(PRICES.encode(), "p.csv", REGISTRY)},
        "custody.toml": {
            word for row in custody.statements for word in (row.owner, row.method, "custodian")
        },
        "reserves.toml": {
            *(row.kind for row in reserves.reserves),
            *("insurance" for _ in reserves.insurance),
            *("borrowing" for _ in reserves.borrowings),
        },
        "facts.toml": {f"{row.key} {row.kind}".strip() for row in facts.facts},
        "assets.toml": {*("asset" for _ in own.assets), *("out" for _ in own.out)},
        "declaration.toml": {
            *({"window"} if attestation.window_before and attestation.window_after else ()),
            *({"as_of"} if attestation.as_of else ()),
        },
        "pack.toml": {
            *({"calendar"} if parse_pack(PACK.encode(), "all.toml").calendar else ()),
            *({"parameters"} if pack.rule[0].parameters else ()),
        },
    }
    return {(file, key) for file, keys in found.items() for key in keys}


@pytest.mark.parametrize("rule", RULES)
def test_each_input_of_a_rule_can_be_stated(rule: str, stated: set[tuple[str, str]]) -> None:
    assert set() == set(RULES[rule]) - stated


def test_each_fact_is_of_use_to_a_rule(stated: set[tuple[str, str]]) -> None:
    used = {one for inputs in RULES.values() for one in inputs}
    assert {key for file, key in stated if file == "facts.toml"} == {
        key for file, key in used if file == "facts.toml"
    }
