"""An exchange of three coins with its books, from which tests of legal rules take and change.

The figures are those of the study's fixture FX1: 10,000 btc, 80,000 eth and 200 million xrp are
owed and held, 4.2 % of their value online.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.books import Shown
from attest.lines import lines
from attest.positions import Position
from attest.rules.kinds import judge
from config.accounts import Account, Accounts
from config.books.books import Books
from config.books.document import Document
from config.books.fact_keys import FACT_KEYS
from config.books.facts import Fact, Facts
from config.books.insurance import Insurance
from config.books.liabilities import Liability
from config.books.prices import PRICE_DECIMALS, Price
from config.books.reserves import Reserve, Reserves
from config.caip import AccountId, AssetId, InstrumentId
from config.policy import assemble, shipped_pack
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from attest.findings import Finding
    from attest.pipeline import Work
    from attest.rules.case import Case
    from config.books.fact_keys import FactName
    from config.books.prices import Basis

AS_OF = parse_time("2026-12-01T00:00:00+09:00")
ASSETS = {
    "btc": AssetId("bip122:000000000019d6689c085ae165831e93/slip44:0"),
    "eth": AssetId("eip155:1/slip44:60"),
    "xrp": AssetId("xrpl:0/slip44:144"),
}
DECIMALS = {
    "btc": 8,
    "eth": 18,
    "xrp": 6,
    "jpy": 0,
    "krw": 0,
    **dict.fromkeys(("usd", "eur", "hkd", "sgd", "thb", "try", "cad"), 2),
}
PRICES = {"btc": 15_000_000, "eth": 500_000, "xrp": 300}
HOT = {"btc": 400, "eth": 3_000, "xrp": 10_000_000}
COLD = {"btc": 9_600, "eth": 77_000, "xrp": 190_000_000}
GUARANTEE = {"btc": 400, "eth": 3_000, "xrp": 9_000_000}
OWED = {"btc": 10_000, "eth": 80_000, "xrp": 200_000_000}
DOCUMENT = Document(file="books/documents/one.pdf", sha256="0" * 64)


def units(name: str, amount: int) -> int:
    """Give base units of whole display units."""
    return int(amount * 10 ** DECIMALS[name])


def held(name: str, amount: int, number: int = 0, **change: object) -> Position:
    """Give what an account of its own holds, in base units."""
    asset = ASSETS[name]
    chain = asset.partition("/")[0]
    plain = Position(
        account=AccountId(f"{chain}:{name}-{number}"),
        asset=asset,
        instrument=InstrumentId(name),
        wrapped=False,
        units=amount,
        immature=0,
        method="cold",
        holder="self",
        owner="customer",
        band="controlled",
        evidence="quorum",
        tie="undeclared",
        basis="signature",
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def price(name: str, amount: int, currency: str = "jpy", **change: object) -> Price:
    scaled = amount * 10**PRICE_DECIMALS
    plain = Price(InstrumentId(name), InstrumentId(currency), scaled, AS_OF, "an index")
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def reserve(kind: str, amount: int, currency: str = "jpy", number: int = 0) -> Reserve:
    return Reserve(
        f"reserve.{number}",
        kind,  # type: ignore[arg-type]
        InstrumentId(currency),
        units(currency, amount),
        DECIMALS[currency],
        "Example Bank",
        AS_OF,
        DOCUMENT,
    )


def insurance(
    limit: int, deductible: int = 0, currency: str = "jpy", **change: object
) -> Insurance:
    plain = Insurance(
        where="insurance.0",
        insurer="Example Mutual",
        policy="1",
        currency=InstrumentId(currency),
        limit=units(currency, limit),
        deductible=units(currency, deductible),
        decimals=DECIMALS[currency],
        scope=("hot", "cold"),
        perils=("theft", "insider", "key_loss"),
        since=AS_OF - 100 * 86_400,
        until=AS_OF + 100 * 86_400,
        document=DOCUMENT,
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def fact(
    key: FactName,
    value: int | date,
    kind: str = "",
    *,
    unit: str | None = None,
    period: object = None,
    party: str = "",
) -> Fact:
    """Give a fact, money in display units."""
    scaled = units(unit, value) if unit is not None and isinstance(value, int) else value
    return Fact(
        where=f"fact.{key}.{kind}",
        key=key,
        kind=kind,
        party=party,
        value=scaled,
        unit=None if unit is None else InstrumentId(unit),
        decimals=18 if FACT_KEYS[key].form == "share" else DECIMALS.get(unit or "", 0),
        period=period,  # type: ignore[arg-type]
        as_of=AS_OF if FACT_KEYS[key].over == "as_of" else None,
        signer="",
        document=DOCUMENT,
    )


@dataclass(frozen=True)
class Exchange:
    """What an exchange holds and states; `replace` makes another."""

    holdings: tuple[Position, ...]
    owed: tuple[Liability, ...]
    prices: tuple[Price, ...]
    reserves: tuple[Reserve, ...] | None
    insurance: tuple[Insurance, ...]
    facts: tuple[Fact, ...]
    domains: Mapping[str, str]
    as_of: int = AS_OF

    def case(self, work: Work) -> Case:
        """Make a case of it; what is no part of it is the passing example's."""
        reserves = (
            None if self.reserves is None else Reserves(self.reserves, self.insurance, (), ())
        )
        books = Books(
            self.owed,
            self.prices,
            allocations=None,
            reserves=reserves,
            facts=Facts(self.facts, ()) if self.facts else None,
        )
        shown = {
            (kind, row.where): Shown("document", "", "")
            for kind, rows in (("reserves", self.reserves or ()), ("facts", self.facts))
            for row in rows
        }
        inputs = replace(
            work.inputs, books=books, shown=shown, accounts=Accounts(self.accounts(), ())
        )
        return replace(
            work.case,
            inputs=inputs,
            as_of=self.as_of,
            positions=self.holdings,
            lines=lines(self.holdings),
            controls=(),
            snapshot=replace(work.case.snapshot, chains=()),
        )

    def accounts(self) -> tuple[Account, ...]:
        """Declare every account that holds something, as it is held."""
        return tuple(
            Account(
                id=one.account,
                method=one.method,
                holder=one.holder,
                owner=one.owner if one.owner != "unallocated" else "mixed",
                assets=(),
                label="",
                signing_domain=self.domains.get(one.account, ""),
                line=number,
            )
            for number, one in enumerate(self.holdings, 2)
            if not one.account.startswith("custody:")
        )


def owing(**changed: int) -> tuple[Liability, ...]:
    """Give what is owed of each coin, in display units: as in FX1 but for what is changed."""
    amounts = changed if set(changed) - {"btc"} else {**OWED, **changed}
    return tuple(
        Liability(InstrumentId(name), units(name, amount), AS_OF)
        for name, amount in amounts.items()
    )


def fx1(currency: str = "jpy", basis: Basis = "spot") -> Exchange:
    """Give the exchange of the fixture FX1, its prices and reserves counted in a currency."""
    parts: tuple[tuple[dict[str, int], dict[str, str]], ...] = (
        (HOT, {"method": "hot"}),
        (COLD, {}),
        (GUARANTEE, {"owner": "guarantee"}),
    )
    return Exchange(
        holdings=tuple(
            held(name, units(name, amount), number, **change)
            for number, (amounts, change) in enumerate(parts)
            for name, amount in amounts.items()
        ),
        owed=owing(),
        prices=tuple(price(name, amount, currency, basis=basis) for name, amount in PRICES.items()),
        reserves=(reserve("liability_reserve", 1_980_000_000, currency),),
        insurance=(insurance(3_000_000_000, currency=currency),),
        facts=(),
        domains={},
    )


def findings(case: Case, pack: str, **parameters: int | str) -> dict[str, Finding]:
    """Judge a case by a shipped pack: each finding by its rule, and its subject after a colon.

    Args:
        case: what is judged.
        pack: its name.
        parameters: what replaces a rule's own, `rule__parameter` for `rule.parameter`.
    """
    stated = {key.replace("__", "."): value for key, value in parameters.items()}
    policy = assemble(((pack, shipped_pack(pack)),), stated)
    judged = [finding for _, finding in judge(case, policy.packs)]
    return {
        key: finding
        for finding in judged
        for key in (finding.code, f"{finding.code}:{finding.subject}")
    }
