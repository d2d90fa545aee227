from __future__ import annotations

import contextlib
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import accounts
from config.accounts import (
    Accounts,
    Duplicate,
    Method,
    asset_names,
    parse_accounts,
    resolve_assets,
    split_account,
)
from config.caip import AccountId, AssetId, ChainId
from config.errors import InputError
from tests.config.known import (
    ADDRESSES,
    BITCOIN,
    CHANGE_0,
    DEAD_BEEF,
    DONE,
    GENESIS,
    LITECOIN_REGTEST,
    RECEIVE_0,
    RECEIVE_1,
    REGISTRY,
    SEGWIT,
    ZPUB,
    refusal,
)

if TYPE_CHECKING:
    from config.registry import Network

HEADER = "account,method,holder,owner,assets,label,signing_domain"
USDT = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"
ETH = "eip155:1/slip44:60"
EXPRESSION = f"bitcoin:{ZPUB}?last=1"
TPUB = (
    "tpubDDj5WHBg3R8CopU3M772yhb79EVEx72Mw2969Lbrk8oxRjLaGNguq7pL9Vc4REcwqRJGie7TrVkjRkM5umKkBetk"
    "S7j9G8Ye972WHQF8pcA"
)


def read(*rows: str, header: str = HEADER, network: Network = "main") -> Accounts:
    data = "\n".join((header, *rows)).encode()
    return parse_accounts(data, "a.csv", REGISTRY, ADDRESSES, network)


def refused(*rows: str) -> InputError:
    return refusal(lambda: read(*rows))


def row(account: str, method: str = "cold", assets: str = "") -> str:
    return f"{account},{method},self,customer,{assets},,"


def test_reads_a_whole_row() -> None:
    found = read(f"ethereum:{DONE},warm,Example Trust,reserve,eth usdt,信託口座 1,hsm-1").rows
    expected = accounts.Account(
        id=AccountId(f"eip155:1:{DONE}"),
        method="warm",
        holder="Example Trust",
        owner="reserve",
        assets=("eth", "usdt"),
        label="信託口座 1",
        signing_domain="hsm-1",
        line=2,
    )
    assert (expected,) == found


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (f"bitcoin:{GENESIS}", f"{BITCOIN}:{GENESIS}"),
        (f"{BITCOIN}:{GENESIS}", f"{BITCOIN}:{GENESIS}"),
        (f"bitcoin:{SEGWIT}", f"{BITCOIN}:{SEGWIT}"),
        (f"bitcoin:{SEGWIT.upper()}", f"{BITCOIN}:{SEGWIT}"),
        (f"eip155:1:{DONE.lower()}", f"eip155:1:{DONE}"),
        (f"base:{DONE}", f"eip155:8453:{DONE}"),
        (
            "bitcoincash:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
            "bip122:000000000000000000651ef99cb9fcbe:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        ),
        (
            "bitcoincash:bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "bip122:000000000000000000651ef99cb9fcbe:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        ),
    ],
)
def test_an_account_has_one_written_form(written: str, canonical: str) -> None:
    assert [canonical] == [account.id for account in read(row(written)).rows]


@pytest.mark.parametrize(
    ("account", "what"),
    [
        ("", "account not understood: ''"),
        (DONE, "account not understood: '0xD122'…"),
        ("bitcoin:", "account not understood: 'bitcoi'…"),
        (f":{GENESIS}", "unknown chain: ''"),
        (f"bitcoin :{GENESIS}", "unknown chain: 'bitcoin '"),
        (f"Bitcoin:{GENESIS}", "unknown chain: 'Bitcoin'"),
        (f"avalon:{GENESIS}", "unknown chain: 'avalon'"),
        (f"eip155:{DONE}", "unknown chain: 'eip155'"),
        (f"eip155:2:{DONE}", "unknown chain: 'eip155:2'"),
        (f"eip155:01:{DONE}", "unknown chain: 'eip155:01'"),
        (f"eip155:*:{DONE}", "unknown chain: 'eip155:*'"),
        (f"{'x' * 60}:{DONE}", "unknown chain: 'xxxxxx'…"),
    ],
)
def test_an_account_without_a_known_chain_is_refused(account: str, what: str) -> None:
    assert f"a.csv: line 2, column 'account': {what}" == str(refused(row(account)))


WRONG_EIP55 = DONE.replace("0xD1", "0xd1")


@pytest.mark.parametrize(
    ("account", "what"),
    [
        (f"ethereum:{WRONG_EIP55}", f"address checksum wrong (EIP-55): {WRONG_EIP55} for {DONE}"),
        (f"ethereum:{DONE[:-1]}", "address of ethereum not understood"),
        (f"bitcoin:{GENESIS[:-1]}b", "base58 checksum does not match"),
        (f"bitcoin:{GENESIS} ", "not in a form that the chain uses"),
        (f"bitcoin:{SEGWIT[:-1]}5", "not an address of bitcoin"),
        (f"bitcoin:{SEGWIT[:-1]}T", "not an address of bitcoin"),
        ("bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "not an address of bitcoin"),
        (f"litecoin:{SEGWIT}", "not an address of litecoin"),
        (f"bitcoin:{DONE}", "not an address of bitcoin"),
        (f"bitcoin:{ZPUB}", "expression has a range and no last index"),
        (f"bitcoin:{ZPUB}?last=100000", "last index is 100000, at most 99999 is allowed"),
        (f"bitcoin:{ZPUB}?last=-1", "last index is '-1', plain digits are needed"),
        (f"bitcoin:{ZPUB}?last=1 ", "last index is '1 ', plain digits are needed"),
        (f"bitcoin:{ZPUB}?gap=20", "expression has a question mark that does not begin"),
        (f"bitcoin:wpkh({TPUB}/0/*)?last=1", "not an output descriptor with public keys of a main"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(account: str, what: str) -> None:
    error = str(refused(row(account)))
    assert error.startswith("a.csv: line 2, column 'account': ")
    assert what in error


def test_every_wrong_letter_of_an_address_is_refused() -> None:
    for good in (GENESIS, SEGWIT):
        for place, letter in enumerate(good):
            wrong = good[:place] + ("q" if letter != "q" else "p") + good[place + 1 :]
            assert str(refused(row(f"bitcoin:{wrong}"))).startswith("a.csv: line 2")


@pytest.mark.parametrize(
    "secret",
    [
        "5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS",
        (
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3"
            "TGtRBeJgk33yuGBxrMPHi"
        ),
    ],
)
def test_a_private_key_is_not_repeated(secret: str) -> None:
    for account in (secret, f"bitcoin:{secret}", f"bitcoin:wpkh({secret}/0/*)?last=1"):
        error = refused(row(account))
        assert secret[10:] not in error.what + error.hint


def test_networks_are_never_mixed() -> None:
    anvil = row(f"anvil:{DONE}")
    error = refused(row(f"ethereum:{DONE}"), anvil)
    expected = "a.csv: line 3, column 'account': anvil is a test network, the declaration says main"
    hint = "a statement is about main networks or about test networks"
    assert (expected, hint) == (str(error), error.hint)
    assert [f"eip155:31337:{DONE}"] == [one.id for one in read(anvil, network="test").rows]
    mixed = refusal(lambda: read(row(f"bitcoin:{GENESIS}"), network="test"))
    assert "bitcoin is a main network, the declaration says test" in str(mixed)


@pytest.mark.parametrize(
    ("cells", "column", "what"),
    [
        ("Cold,self,customer,,,", "method", "'Cold' is not known"),
        ("cold ,self,customer,,,", "method", "'cold ' is not known"),
        (",self,customer,,,", "method", "'' is not known"),
        ("cold,self,Customer,,,", "owner", "'Customer' is not known"),
        ("cold,self,,,,", "owner", "'' is not known"),
        ("cold,,customer,,,", "holder", "empty"),
        ("cold,self ,customer,,,", "holder", "not plain text: 'self '"),
        ("cold,\u200bself,customer,,,", "holder", "not plain text: '\\u200bself'"),
        ('cold,"self\n",customer,,,', "holder", "not plain text: 'self\\n'"),
        ("cold,self,customer,,\x1b[31m,", "label", "not plain text: '\\x1b[31m'"),
        ("cold,self,customer,,,hsm-1 ", "signing_domain", "not plain text: 'hsm-1 '"),
        ("cold,self,customer,eth usdt eth,,", "assets", "not a list of different assets: 'eth"),
        ("cold,self,customer,eth  usdt,,", "assets", "not a list of different assets: 'eth  usdt'"),
        ("cold,self,customer, eth,,", "assets", "not a list of different assets: ' eth'"),
        ("cold,self,customer,eth\tusdt,,", "assets", "unknown asset on ethereum: 'eth\\tusdt'"),
        ("cold,self,customer,ETH,,", "assets", "unknown asset on ethereum: 'ETH'"),
        ("cold,self,customer,btc,,", "assets", "unknown asset on ethereum: 'btc'"),
        ("cold,self,customer,eth;usdt,,", "assets", "unknown asset on ethereum: 'eth;usdt'"),
        (
            "cold,self,customer,eip155:10/slip44:60,,",
            "assets",
            "unknown asset on ethereum: 'eip155:10/slip44:60'",
        ),
        (
            f"cold,self,customer,eth {ETH},,",
            "assets",
            f"one asset under two names: 'eth' and '{ETH}'",
        ),
    ],
)
def test_a_cell_that_is_not_as_documented_is_refused(cells: str, column: str, what: str) -> None:
    error = str(refused(row(f"bitcoin:{GENESIS}"), f"ethereum:{DONE},{cells}"))
    assert error.startswith(f"a.csv: line 3, column '{column}': {what}")


def test_the_hint_lists_the_words() -> None:
    assert "one of: hot, warm, cold, unknown" == refused(row(f"bitcoin:{GENESIS}", "")).hint
    unknown = refused(row(f"bitcoin:{GENESIS}", assets="eth"))
    assert "assets known there: btc" == unknown.hint


def test_an_extended_key_stands_for_its_addresses() -> None:
    found = read(f"{EXPRESSION},cold,self,customer,btc,vault,hsm-1").rows
    ids = [account.id for account in found]
    assert [f"{BITCOIN}:{one}" for one in (RECEIVE_0, RECEIVE_1, CHANGE_0)] == ids[:3]
    assert 4 == len(set(ids))
    parents = {account.derived_from for account in found}
    (parent,) = parents
    assert parent.startswith(f"{BITCOIN}:wpkh(xpub")
    assert parent.endswith("/<0;1>/*)")
    same = {(one.method, one.assets, one.label, one.signing_domain, one.line) for one in found}
    assert {("cold", ("btc",), "vault", "hsm-1", 2)} == same


def test_a_descriptor_with_commas_is_quoted() -> None:
    text = f'"litecoin-regtest:wsh(sortedmulti(1,{TPUB}/0/*,{TPUB}/1/*))?last=2"'
    found = read(f"{text},cold,self,customer,,,", network="test").rows
    assert 3 == len(found)
    assert all(one.id.startswith(f"{LITECOIN_REGTEST}:rltc1q") for one in found)


def test_an_account_in_another_form_is_the_same_account() -> None:
    found = read(row(f"ethereum:{DONE}"), row(f"eip155:1:{DONE.lower()}"), row(f"base:{DONE}"))
    assert [f"eip155:1:{DONE}", f"eip155:8453:{DONE}"] == [one.id for one in found.rows]
    assert (Duplicate(AccountId(f"eip155:1:{DONE}"), (2, 3)),) == found.duplicates


def test_a_duplicate_counts_as_the_least_favourable_row() -> None:
    rows = (
        f"ethereum:{DONE},cold,self,customer,eth,first,hsm-1",
        f"ethereum:{DONE},hot,Example Trust,customer,usdt,second,hsm-2",
        f"ethereum:{DONE},warm,self,house,eth,third,hsm-3",
    )
    for order in permutations(rows):
        (merged,) = read(*order).rows
        assert ("hot", "Example Trust", "mixed") == (merged.method, merged.holder, merged.owner)
        assert ({"eth", "usdt"}, "") == (set(merged.assets), merged.signing_domain)
    assert "hsm-1" == read(rows[0], rows[0]).rows[0].signing_domain
    assert "first" == read(*rows).rows[0].label


@pytest.mark.parametrize(
    ("methods", "merged"),
    [
        (("cold", "cold"), "cold"),
        (("cold", "warm"), "warm"),
        (("warm", "unknown"), "unknown"),
        (("unknown", "hot"), "hot"),
        (("cold", "unknown"), "unknown"),
    ],
)
def test_the_least_favourable_method(methods: tuple[Method, Method], merged: Method) -> None:
    for order in permutations(methods):
        found = read(*(row(f"bitcoin:{GENESIS}", method) for method in order))
        assert [merged] == [one.method for one in found.rows]


def test_a_row_without_assets_stands_for_all() -> None:
    named, blank = row(f"ethereum:{DONE}", assets="usdt"), row(f"ethereum:{DONE}")
    assert [(), ()] == [read(*order).rows[0].assets for order in permutations((named, blank))]


def test_an_address_stated_beside_its_extended_key_is_counted_once() -> None:
    stated, key = row(f"bitcoin:{RECEIVE_1}", "hot"), row(EXPRESSION)
    for order in permutations((stated, key)):
        found = read(*order)
        ids = [account.id for account in found.rows]
        assert (4, 4) == (len(ids), len(set(ids)))
        assert (Duplicate(AccountId(f"{BITCOIN}:{RECEIVE_1}"), (2, 3)),) == (found.duplicates)
        (merged,) = (one for one in found.rows if one.id.endswith(RECEIVE_1))
        assert ("hot", "") == (merged.method, merged.derived_from)


def test_an_extended_key_given_twice_duplicates_each_address() -> None:
    found = read(row(EXPRESSION), row(EXPRESSION))
    assert 4 == len(found.rows) == len(found.duplicates)
    assert {(2, 3)} == {duplicate.lines for duplicate in found.duplicates}
    assert all(one.derived_from for one in found.rows)


def test_the_number_of_accounts_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MAX_ACCOUNTS", 4)
    assert 4 == len(read(row(EXPRESSION)).rows)
    place = "a.csv: line 3, column 'account': "
    expected = f"{place}more than 4 accounts or 500000 derived addresses"
    assert expected == str(refused(row(EXPRESSION), row(f"bitcoin:{GENESIS}")))


def test_repeated_expressions_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MAX_DERIVED", 7)
    assert 4 == len(read(row(EXPRESSION)).rows)
    assert "or 7 derived addresses" in str(refused(row(EXPRESSION), row(EXPRESSION)))


def test_short_name_that_is_a_namespace_too_is_told_from_the_chain_s_id() -> None:
    ethereum = REGISTRY.chain("ethereum")
    tron = replace(ethereum, id=ChainId("tron:0x2b6653dc"), name="tron")
    registry = replace(REGISTRY, chains=(tron, ethereum))

    assert (tron, "T1") == split_account("tron:0x2b6653dc:T1", registry)
    assert (tron, "T1") == split_account("tron:T1", registry)
    # Another chain's id in the namespace is no address of this one.
    assert (tron, "0x1:T1") == split_account("tron:0x1:T1", registry)


def test_split_gives_the_chain_and_the_rest() -> None:
    chain, rest = split_account("bitcoincash:bitcoincash:qp", REGISTRY)
    assert ("bitcoincash", "bitcoincash:qp") == (chain.name, rest)
    chain, rest = split_account("eip155:1:0x", REGISTRY)
    assert ("ethereum", "0x") == (chain.name, rest)


def test_assets_are_named_by_symbol_or_caip_19() -> None:
    names = asset_names(ChainId("eip155:1"), REGISTRY, (AssetId(USDT),))
    for written in ("usdt eth", f"{USDT} {ETH}", f"usdt {ETH}"):
        (account,) = read(row(f"ethereum:{DONE}", assets=written)).rows
        assert (USDT, ETH) == resolve_assets(account, names)
    (blank,) = read(row(f"ethereum:{DONE}")).rows
    assert (ETH, USDT) == resolve_assets(blank, names)
    assert (ETH,) == resolve_assets(blank, asset_names(ChainId("eip155:1"), REGISTRY, ()))


def test_an_asset_of_another_registry_is_refused_when_it_is_resolved() -> None:
    (account,) = read(row(f"ethereum:{DONE}", assets="usdt")).rows
    names = asset_names(ChainId(BITCOIN), REGISTRY, ())
    expected = "unknown asset on bitcoin: 'usdt', on line 2"
    assert expected == str(refusal(resolve_assets, account, names))


PIECES = st.sampled_from(
    ("bitcoin", "eip155", ":", "1", "*", DONE, GENESIS, ZPUB, DEAD_BEEF, "?last=", "(", ")", "/0/*")
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=6).map("".join))
def test_any_account_is_read_or_refused(account: str) -> None:
    quoted = account.replace('"', '""')
    with contextlib.suppress(InputError):
        found = read(f'"{quoted}",cold,self,customer,,,')
        assert found.rows
        assert all(ADDRESSES.canonical(*split_account(one.id, REGISTRY)) for one in found.rows)
