from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from attest.debts import Debt, debts
from attest.rules.parameters import Parameters
from attest.rules.stated import undeclared_debt
from config.books.reserves import Borrowing, Reserves
from config.caip import AssetId, InstrumentId
from config.registry import Asset
from tests.attest.held import ETH, position
from tests.config.known import REGISTRY

TOKEN = AssetId("eip155:31337/erc20:0x00000000000000000000000000000000000000dE")
FINE = AssetId("eip155:31337/erc20:0x00000000000000000000000000000000000000dF")
USDT = InstrumentId("usdt")


def token(asset: AssetId, decimals: int) -> Asset:
    return Asset(asset, "debt-usdt", decimals, "issued", "x", "x", "x", owes=USDT, declared=True)


KNOWN = replace(REGISTRY, assets=(*REGISTRY.assets, token(TOKEN, 6), token(FINE, 18)))


def borrowed(units: int) -> Reserves:
    row = Borrowing("borrowing.0", "L", USDT, units, 6, 0, None, None)
    return Reserves((), (), (row,), ())


@pytest.mark.parametrize(
    ("on_chain", "declared", "taken"), [(5, 5, 5), (7, 5, 7), (0, 5, 5), (5, 0, 5)]
)
def test_the_larger_of_chain_and_books_is_taken(on_chain: int, declared: int, taken: int) -> None:
    held = position(on_chain, asset=TOKEN, instrument=None)
    reserves = borrowed(declared) if declared else None
    found = debts((held,), reserves, KNOWN)

    assert taken == found[USDT].units


def test_a_debt_is_rounded_up() -> None:
    held = position(10**12 + 1, asset=FINE, instrument=None)

    assert Debt(2, 0) == debts((held,), None, KNOWN)[USDT]


def test_every_account_that_holds_a_debt_token_owes_whoever_it_belongs_to() -> None:
    held = [
        position(3, asset=TOKEN, instrument=None, owner=owner, band=band)
        for owner, band in (("house", "observed"), ("customer", "none"), ("mixed", "controlled"))
    ]

    assert Debt(9, 0) == debts(held, None, KNOWN)[USDT]


def test_what_is_no_debt_token_owes_nothing() -> None:
    assert {} == debts((position(3),), None, KNOWN)
    assert {ETH} != debts((position(3),), borrowed(1), KNOWN).keys()


def test_a_rule_names_what_the_books_hide() -> None:
    def status(debt: Debt) -> str:
        inputs = SimpleNamespace(registry=KNOWN)
        case = SimpleNamespace(debts={USDT: debt}, inputs=inputs)
        (result,) = undeclared_debt(case, Parameters("", {}))  # type: ignore[arg-type]
        return result.status

    assert ["pass", "pass", "breach"] == [status(Debt(*one)) for one in ((5, 5), (4, 5), (6, 5))]
