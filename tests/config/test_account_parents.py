"""The column `parent` of accounts.csv."""

from __future__ import annotations

import pytest

from config.accounts import Accounts, parse_accounts
from config.errors import InputError
from tests.config.known import ADDRESSES, DEAD_BEEF, DONE, GENESIS, REGISTRY, ZPUB

HEADER = "account,method,holder,owner,parent"
OTHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
XPUB = (
    "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudh"
    "Ud9yLb6qx39T9nMdj"
)


def read(*rows: str) -> Accounts:
    data = "\n".join((HEADER, *rows)).encode()
    return parse_accounts(data, "a.csv", REGISTRY, ADDRESSES, "main")


def row(account: str, parent: str = "") -> str:
    return f"{account},cold,self,customer,{parent}"


def test_a_parent_is_canonical_and_may_come_later() -> None:
    found = read(
        row(f"ethereum:{DONE.lower()}", f"ethereum:{DEAD_BEEF.lower()}"),
        row(f"eip155:1:{OTHER}", f"eip155:1:{DEAD_BEEF}"),
        row(f"ethereum:{DEAD_BEEF}"),
    ).rows

    parent = f"eip155:1:{DEAD_BEEF}"
    assert [account.parent for account in found] == [parent, parent, None]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((row(f"ethereum:{DONE}", f"ethereum:{DEAD_BEEF}"),), "not an account of this file"),
        ((row(f"ethereum:{DONE}", f"ethereum:{DONE}"),), "the account itself"),
        (
            (
                row(f"ethereum:{DONE}", f"ethereum:{DEAD_BEEF}"),
                row(f"ethereum:{DEAD_BEEF}", f"ethereum:{OTHER}"),
                row(f"ethereum:{OTHER}"),
            ),
            "line 2, column 'parent': a forwarder itself",
        ),
        (
            (
                row(f"ethereum:{DONE}", f"ethereum:{DEAD_BEEF}"),
                row(f"ethereum:{DEAD_BEEF}", f"ethereum:{DONE}"),
            ),
            "a forwarder itself",
        ),
        (
            (row(f"ethereum:{DONE}", f"base:{DEAD_BEEF}"), row(f"base:{DEAD_BEEF}")),
            "parent on base of an account on ethereum",
        ),
        ((row(f"bitcoin:{GENESIS}", f"bitcoin:{GENESIS}"),), "contracts of EVM chains|parent on"),
        ((row(f"ethereum:{XPUB}?last=2", f"ethereum:{DONE}"), row(f"ethereum:{DONE}")), "express"),
        ((row(f"bitcoin:{ZPUB}?last=2", f"bitcoin:{GENESIS}"),), "parent on"),
        ((row(f"ethereum:{DONE}", f"ethereum:{XPUB}"),), "address"),
        ((row(f"ethereum:{DONE}", "nowhere"),), "not understood"),
        ((row(f"ethereum:{DONE}", f"ethereum:{DEAD_BEEF[:-1]}"),), "address"),
    ],
)
def test_what_is_no_parent_is_refused(rows: tuple[str, ...], why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read(*rows)
    assert "column 'parent'" in str(caught.value)


def test_an_account_with_two_parents_has_none() -> None:
    (found, *_) = read(
        row(f"ethereum:{DONE}", f"ethereum:{DEAD_BEEF}"),
        row(f"ethereum:{DONE}", f"ethereum:{OTHER}"),
        row(f"ethereum:{DEAD_BEEF}"),
        row(f"ethereum:{OTHER}"),
    ).rows

    assert found.parent is None
