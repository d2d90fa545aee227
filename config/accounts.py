"""accounts.csv: the addresses the entity declares, and how it says it keeps them.

    account,method,holder,owner[,assets,label,signing_domain,parent,group]
    ethereum:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,hot,self,customer,eth usdt,,,,

`account` is an address (`bitcoin:bc1q…`, or CAIP-10), or an output descriptor or extended key with
its stated last index (`bitcoin:wpkh(xpub…/0/*)?last=999`), which stands for every address it
yields. `method`, `holder` and `owner` are words of the declarant, never provable on chain. `parent`
is the account to which a deposit contract passes on what it gets: a row of the same file and EVM
chain, and no forwarder itself. Whether it does is for the chain to show. `group` names accounts of
which a sample is to sign; what one signature proves already is in none.

The same account twice is not an error of the file but a finding: it is counted once, as the least
favourable of its rows in any order, because a second row must never improve a result. A message
never repeats more than the first characters of an account that is not understood, because what is
pasted there may be a private key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from config.caip import AccountId, account_id
from config.csvrows import Row, parse_rows
from config.errors import InputError, shown
from config.text import decode

if TYPE_CHECKING:
    from collections.abc import Collection

    from config.caip import AssetId, ChainId
    from config.registry import Chain, Network, Registry

Method = Literal["hot", "warm", "cold", "unknown"]
Owner = Literal["customer", "house", "guarantee", "reserve", "mixed"]

MAX_BYTES = 256 * 1024 * 1024
"""A million accounts at 200 bytes a row, and room."""
MAX_ACCOUNTS = 2_000_000
MAX_DERIVED = 500_000
"""Addresses of all expressions together, repeated ones included: about two minutes of deriving."""
MAX_CHAIN = 41
"""CAIP-2: a namespace of eight characters, a colon, a reference of 32."""

_GROUP = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII)

LEAST_FAVOURABLE: tuple[Method, ...] = ("hot", "unknown", "warm", "cold")
COLUMNS = ("account", "method", "holder", "owner")
OPTIONAL = ("assets", "label", "signing_domain", "parent", "group")


class Addresses(Protocol):
    """How addresses are read, handed in so that this package needs no chain code."""

    def canonical(self, chain: Chain, text: str) -> str:
        """Give the one written form of an address; raise InputError."""

    def is_expression(self, chain: Chain, text: str) -> bool:
        """Tell an output descriptor or extended key from an address."""

    def expression(self, chain: Chain, text: str) -> str:
        """Give the one written form of a descriptor or extended key, without its last index."""

    def derive(self, chain: Chain, text: str) -> tuple[str, ...]:
        """Give every address of a descriptor or extended key with stated last index."""


@dataclass(frozen=True, slots=True)
class Account:
    """A declared account."""

    id: AccountId
    method: Method
    holder: str
    """`self`, or the name of the custodian."""
    owner: Owner
    assets: tuple[str, ...]
    """Symbols or CAIP-19 ids as written; empty for native and every declared asset of the chain."""
    label: str
    signing_domain: str
    line: int
    derived_from: str = ""
    """Canonical descriptor or extended key, with its chain, that yields this address; empty if
    stated alone."""
    parent: AccountId | None = None
    """Where this contract is said to forward what it gets; None if it is no forwarder."""
    group: str = ""
    """Name of the group of which a sample is to sign; empty if the account is in none."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An account that the file names more than once."""

    account: AccountId
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """An expression as the file names it, with its stated last index."""

    chain: ChainId
    text: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """The declared accounts, each once, in file order."""

    rows: tuple[Account, ...]
    duplicates: tuple[Duplicate, ...]
    ranges: tuple[KeyRange, ...] = ()
    """Every expression of the file, each once."""


def split_account(text: str, registry: Registry) -> tuple[Chain, str]:
    """Split `short:address` or CAIP-10 text into its chain and the rest.

    Raises:
        InputError: no colon, or an unknown chain.
    """
    head, colon, rest = text.partition(":")
    if not colon or not rest:
        hint = "write chain:address, such as bitcoin:bc1q… or eip155:1:0x…"
        raise InputError(f"account not understood: {shown(text, 6)}", hint)
    reference, colon, address = rest.partition(":")
    named = f"{head}:{reference}" if colon else head
    # A short name may be a namespace too: `tron:0x2b6653dc:T…` is CAIP-10, `tron:T…` is short.
    short = registry.chains_by_name.get(head)
    if short is not None and not (colon and named in registry.chains_by_name):
        return short, rest
    if len(named) > MAX_CHAIN:
        raise InputError(f"unknown chain: {shown(named, 6)}", "write the chain before a colon")
    return registry.chain(named), address


def parse_accounts(
    data: bytes, name: str, registry: Registry, addresses: Addresses, network: Network
) -> Accounts:
    """Read accounts.csv.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: the chains known.
        addresses: parsers of the chains.
        network: `main` or `test`; an account of the other one is refused.

    Raises:
        InputError: as the folder README says of every file; also if there are too many accounts.
    """
    rows = parse_rows(decode(data, name, MAX_BYTES), name, COLUMNS, OPTIONAL)
    known = {chain.id: asset_names(chain.id, registry, ()) for chain in registry.chains}
    found: dict[AccountId, list[Account]] = {}
    ranges: dict[KeyRange, None] = {}
    derived = 0
    for row in rows:
        chain, accounts = _accounts_of(row, registry, addresses, network)
        _check_assets(row, accounts[0].assets, known[chain.id])
        for account in accounts:
            found.setdefault(account.id, []).append(account)
        # Duplicates count: each was derived, and a small file may ask for many.
        if accounts[0].derived_from:
            derived += len(accounts)
            ranges[KeyRange(chain.id, split_account(row["account"], registry)[1])] = None
        if len(found) > MAX_ACCOUNTS or derived > MAX_DERIVED:
            found_so_far = f"more than {MAX_ACCOUNTS} accounts or {MAX_DERIVED} derived addresses"
            raise row.error("account", found_so_far)
    _check_parents(name, found)
    duplicates = tuple(
        Duplicate(account, tuple(one.line for one in same))
        for account, same in found.items()
        if len(same) > 1
    )
    merged = tuple(_merged(same) for same in found.values())
    return Accounts(merged, duplicates, tuple(ranges))


def _accounts_of(
    row: Row, registry: Registry, addresses: Addresses, network: Network
) -> tuple[Chain, tuple[Account, ...]]:
    try:
        chain, rest = split_account(row["account"], registry)
        check_network(chain, network)
        expanded, derived_from = _expand(chain, rest, addresses)
    except InputError as error:
        raise row.restated("account", error) from error
    try:
        parent = _parent(row["parent"], chain, registry, addresses)
    except InputError as error:
        raise row.restated("parent", error) from error
    own = account_id(chain.id, expanded[0])
    if parent is not None and (derived_from or parent == own):
        raise row.error("parent", "of an expression, or the account itself")
    if row["group"] and (derived_from or parent is not None):
        raise row.error("group", "of an expression or a forwarder: one signature proves them all")
    first = replace(_declared(row, own, derived_from), parent=parent)
    return chain, tuple(replace(first, id=account_id(chain.id, one)) for one in expanded)


def _parent(text: str, chain: Chain, registry: Registry, addresses: Addresses) -> AccountId | None:
    """Read the column `parent`."""
    if not text:
        return None
    named, address = split_account(text, registry)
    if named.id != chain.id or chain.family != "evm":
        found = f"parent on {named.name} of an account on {chain.name}"
        raise InputError(found, "forwarders are contracts of EVM chains, and pass on to the same")
    return account_id(chain.id, addresses.canonical(chain, address))


def _check_parents(name: str, found: dict[AccountId, list[Account]]) -> None:
    """Refuse a parent that the file does not have, or that is a forwarder itself."""
    for account in (account for same in found.values() for account in same):
        place, parent = f"line {account.line}, column 'parent'", account.parent
        if parent is not None and parent not in found:
            raise InputError.at(name, place, f"not an account of this file: {parent}")
        if parent is not None and any(one.parent is not None for one in found[parent]):
            raise InputError.at(name, place, f"a forwarder itself: {parent}")


def check_network(chain: Chain, network: Network) -> None:
    """Refuse a chain of the other network than the declaration's; raise InputError."""
    if chain.network != network:
        found = f"{chain.name} is a {chain.network} network, the declaration says {network}"
        raise InputError(found, "a statement is about main networks or about test networks")


def _expand(chain: Chain, rest: str, addresses: Addresses) -> tuple[tuple[str, ...], str]:
    if not addresses.is_expression(chain, rest):
        return (addresses.canonical(chain, rest),), ""
    return addresses.derive(chain, rest), f"{chain.id}:{addresses.expression(chain, rest)}"


def _declared(row: Row, account: AccountId, derived_from: str) -> Account:
    if not row["holder"]:
        raise row.error("holder", "empty", "write self, or the name of the custodian")
    return Account(
        id=account,
        method=cast("Method", row.choice("method", get_args(Method))),
        holder=row.plain("holder"),
        owner=cast("Owner", row.choice("owner", get_args(Owner))),
        assets=_assets(row),
        label=row.plain("label"),
        signing_domain=row.plain("signing_domain"),
        line=row.line,
        derived_from=derived_from,
        group=_group(row),
    )


def _group(row: Row) -> str:
    name = row["group"]
    if name and _GROUP.fullmatch(name) is None:
        hint = "lower-case letters, digits, dots, hyphens and underscores, at most 60"
        raise row.error("group", f"not a name of a group: {shown(name)}", hint)
    return name


def _assets(row: Row) -> tuple[str, ...]:
    names = tuple(row["assets"].split(" ")) if row["assets"] else ()
    if "" in names or len(set(names)) != len(names):
        hint = "write each asset once, with one space between two"
        raise row.error("assets", f"not a list of different assets: {shown(row['assets'])}", hint)
    return names


def _check_assets(row: Row, stated: tuple[str, ...], names: AssetNames) -> None:
    """Refuse an asset that the chain does not have, and one given under two names."""
    seen: dict[AssetId, str] = {}
    for name in stated:
        if name not in names.by_name:
            raise row.restated("assets", _unknown_asset(name, names))
        other = seen.setdefault(names.by_name[name], name)
        if other != name:
            raise row.error("assets", f"one asset under two names: {other!r} and {name!r}")


def _unknown_asset(name: str, names: AssetNames) -> InputError:
    return InputError(
        f"unknown asset on {names.chain.name}: {shown(name)}",
        f"assets known there: {', '.join(name for name in names.by_name if '/' not in name)}",
    )


def _merged(same: list[Account]) -> Account:
    """Make one account of all rows that name it: the least favourable method, holder and owner.

    It counts as derived only if every row derives it from the same expression, and as a forwarder,
    in a group or under a signing domain only if every row names the same.
    """
    first, domains = same[0], {account.signing_domain for account in same}
    if len(same) == 1:
        return first
    holders = [account.holder for account in same if account.holder != "self"]
    blank = any(not account.assets for account in same)
    assets = dict.fromkeys(asset for account in same for asset in account.assets)
    return replace(
        first,
        method=min((account.method for account in same), key=LEAST_FAVOURABLE.index),
        holder=holders[0] if holders else "self",
        owner=first.owner if len({account.owner for account in same}) == 1 else "mixed",
        assets=() if blank else tuple(assets),
        signing_domain=first.signing_domain if len(domains) == 1 else "",
        derived_from=first.derived_from if len({one.derived_from for one in same}) == 1 else "",
        parent=first.parent if len({one.parent for one in same}) == 1 else None,
        group=first.group if len({one.group for one in same}) == 1 else "",
    )


@dataclass(frozen=True, slots=True)
class AssetNames:
    """How the assets of one chain may be written, and which are read by default."""

    chain: Chain
    by_name: dict[str, AssetId]
    """CAIP-19 id or symbol to CAIP-19 id, in registry order."""
    default: tuple[AssetId, ...]
    """The chain's own coin, then every declared asset that lies on it."""


def asset_names(chain: ChainId, registry: Registry, declared: Collection[AssetId]) -> AssetNames:
    """Collect the names of a chain's assets.

    Args:
        chain: the chain.
        registry: the assets known.
        declared: every declared asset, of any chain.

    Raises:
        InputError: the chain is unknown.
    """
    row = registry.chain(chain)
    assets = registry.assets_on(chain)
    default = dict.fromkeys((row.native, *(one.id for one in assets if one.id in declared)))
    by_name = {name: one.id for one in assets for name in (one.id, one.symbol)}
    return AssetNames(row, by_name, tuple(default))


def resolve_assets(account: Account, names: AssetNames) -> tuple[AssetId, ...]:
    """List the assets to read at an account of the chain whose names are given.

    Raises:
        InputError: the account names an asset that its chain does not have in the registry.
    """
    for name in account.assets:
        if name not in names.by_name:
            fault = _unknown_asset(name, names)
            raise InputError(f"{fault.what}, on line {account.line}", fault.hint)
    return tuple(dict.fromkeys(names.by_name[name] for name in account.assets)) or names.default
