"""Whose wallets there are, what each is to hold, and how each is declared. All from one seed.

| what | how many | owner |
|---|---|---|
| deposit addresses of an extended key, EVM | 2,400 | customers |
| deposit contracts that pass on to the first hot wallet | 150 | customers |
| old deposit addresses with single keys, in a group | 300 | the house: what is left there is gas |
| cold, warm and hot wallets, EVM | 38 | by name |
| deposit addresses of a descriptor, Bitcoin family | 120 | customers |
| single keys and a 2-of-3, Bitcoin family | 21 | by name |
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import parse_address
from chains.families import ChainAddresses
from config.registry_files import load_registry
from tests.examples import make, wallet
from tests.nodes.token import TOKEN_A, TOKEN_B

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEED = "custody-attest exchange at scale"
REGISTRY = load_registry()
EVM, UTXO, BITCOIN = (REGISTRY.chain(one) for one in ("anvil", "litecoin-regtest", "bitcoin"))
ETHER, LITE = 10**18, 10**8
TOKEN, POINT = 10**6, 10**18
LAST, LAST_COIN = 2399, 119
XPRV, XPUB = wallet.extended_key(50, "m/44h/60h/0h", "0488ade4")
TPRV, TPUB = wallet.extended_key(51)
SIGNER = "0/7"
"""The key below each extended key that signs for it."""


def drawn(low: int, high: int, *what: object) -> int:
    """Give a whole number between two, both possible, that follows from the seed."""
    text = " ".join(map(str, (SEED, *what)))
    return low + int.from_bytes(hashlib.sha256(text.encode()).digest()) % (high - low + 1)


def contract(name: str) -> str:
    """Give the address of a contract that the example puts somewhere."""
    return parse_address(EVM, f"0x{keccak256(f'{SEED} {name}'.encode())[-20:].hex()}")


GP, DEBT, POOL = (contract(one) for one in ("game point", "debt", "pool"))
TOKENS: Mapping[str, str] = {"usdt": TOKEN_A, "usdc": TOKEN_B, "gp": GP, "debt-usdt": DEBT}


@dataclass(frozen=True, slots=True)
class Wallet:
    """A row of accounts.csv, with what its addresses hold and how it signs."""

    account: str
    label: str
    method: str
    owner: str
    assets: str
    held: tuple[tuple[str, Mapping[str, int]], ...]
    """Address, and base units by asset, of every address of the row."""
    scheme: str = "eip191"
    number: int = 0
    """Of its key, where it has one."""
    kind: str = ""
    parent: str = ""
    group: str = ""

    @property
    def address(self) -> str:
        """The address of a row that has one."""
        return self.account.partition(":")[2]

    @property
    def chain(self) -> str:
        """The chain's short name."""
        return self.account.partition(":")[0]


@cache
def wallets() -> tuple[Wallet, ...]:
    """Give every row, in the order of the file."""
    return (*deposits(), *forwarders(), *old_deposits(), *singles(), *coin_wallets())


def by_label(label: str) -> Wallet:
    """Give the row of a label."""
    return next(one for one in wallets() if one.label == label)


def deposits() -> tuple[Wallet, ...]:
    """A third of the addresses holds coins, a third a token, a third was swept."""
    held = []
    for number, address in enumerate(ChainAddresses().derive(EVM, f"{XPUB}/0/*?last={LAST}")):
        eth = drawn(1, 50, "deposit", number) * ETHER // 1000 if number % 3 == 0 else 0
        usdt = drawn(1, 300_000, "deposit", number) * 1000 if number % 3 == 1 else 0
        held.append((address, {"eth": eth, "usdt": usdt}))
    account = f"anvil:{XPUB}/0/*?last={LAST}"
    return (Wallet(account, "deposit addresses", "hot", "customer", "eth usdt", tuple(held)),)


def deposit_address(index: int) -> str:
    """Give a deposit address."""
    return by_label("deposit addresses").held[index][0]


def forwarders() -> tuple[Wallet, ...]:
    """Deposit contracts of the first hot wallet."""
    parent = single("hot 1", "hot", "customer", {}).account
    found = []
    for number in range(150):
        address = contract(f"forwarder {number}")
        units = drawn(0, 400_000, "forwarder", number) * 1000
        held = ((address, {"usdt": units}),)
        found.append(
            Wallet(f"anvil:{address}", "", "hot", "customer", "usdt", held, "", parent=parent)
        )
    return tuple(found)


def old_deposits() -> tuple[Wallet, ...]:
    """Single keys, of which a sample signs; what lies there is the house's gas."""
    found = []
    for number in range(20_000, 20_300):
        address = wallet.evm_address(EVM, wallet.key(number))
        held = ((address, {"eth": drawn(1, 9, "gas", number) * ETHER // 10**4}),)
        account, group = f"anvil:{address}", "deposits-2019"
        found.append(Wallet(account, "", "hot", "house", "eth", held, number=number, group=group))
    return tuple(found)


def single(
    label: str, method: str, owner: str, held: Mapping[str, int], scheme: str = "eip191"
) -> Wallet:
    """Give a wallet of one key, which follows from its label."""
    number = drawn(10**6, 10**9, label)
    address = wallet.evm_address(EVM, wallet.key(number))
    rows = ((address, held),)
    assets = " ".join(held)
    return Wallet(f"anvil:{address}", label, method, owner, assets, rows, scheme, number)


def singles() -> tuple[Wallet, ...]:
    """Wallets of one key on the EVM chain."""
    return (
        single(
            "hot 1",
            "hot",
            "customer",
            {"eth": 18 * ETHER, "usdt": 40_000 * TOKEN, "usdc": 0, "gp": 5_000 * POINT},
        ),
        single("hot 2", "hot", "customer", {"eth": 9 * ETHER, "usdc": 6_000 * TOKEN}),
        *(
            single(f"warm {at}", "warm", "customer", {"eth": drawn(10, 30, at) * ETHER // 10})
            for at in range(1, 4)
        ),
        *(single(f"cold {at}", "cold", "customer", _cold(at)) for at in range(1, 21)),
        single("cold transfer", "cold", "customer", {"eth": 75 * ETHER}, "onchain-transfer"),
        *(single(f"mixed {at}", "cold", "mixed", _mixed(at)) for at in range(1, 5)),
        single("staking", "cold", "customer", {"eth": 320 * ETHER}),
        single("lent", "cold", "customer", {"eth": ETHER, "usdc": 20_000 * TOKEN}),
        single("pledged", "cold", "house", {"eth": 50 * ETHER}),
        single("house 1", "hot", "house", {"eth": 5 * ETHER}),
        single("house 2", "hot", "house", {"eth": 3 * ETHER, "usdt": 12_345 * TOKEN}),
        single("house debt", "cold", "house", {"eth": ETHER, "debt-usdt": 50_000 * TOKEN}),
        single("guarantee", "cold", "guarantee", {"eth": 60 * ETHER}, "witnessed"),
        single("reserve", "cold", "reserve", {"eth": 2 * ETHER, "usdt": 200_000 * TOKEN}),
    )


def _cold(at: int) -> dict[str, int]:
    """A cold wallet: coins, and tokens in some."""
    held = {"eth": drawn(80_000, 140_000, "cold", at) * ETHER // 1000}
    if at <= 12:
        held["usdt"] = drawn(400_000, 500_000, "cold usdt", at) * TOKEN + at
    if at > 12:
        held["usdc"] = drawn(50_000, 90_000, "cold usdc", at) * TOKEN + at
    if at in (1, 2):
        held["gp"] = drawn(80_000, 90_000, "cold gp", at) * POINT
    return held


def _mixed(at: int) -> dict[str, int]:
    return {"eth": drawn(20_000, 40_000, "mixed", at) * ETHER // 1000, "usdt": 90_000 * TOKEN + at}


KINDS = ((wallet.P2WPKH, "bip322"), (wallet.P2PKH, "bip137"), (wallet.NESTED, "bip137"))


def coin_wallets() -> tuple[Wallet, ...]:
    """Wallets of the Bitcoin family."""
    account = f"wpkh({TPUB}/0/*)?last={LAST_COIN}"
    addresses = ChainAddresses().derive(UTXO, account)
    held = tuple(
        (address, {"ltc": drawn(1, 50, "coin", number) * LITE // 100})
        for number, address in enumerate(addresses)
    )
    return (
        Wallet(f"{UTXO.name}:{account}", "coin deposits", "hot", "customer", "", held, "bip322"),
        *(_coin(f"coin hot {at}", "hot", "customer", 10 * LITE, 0) for at in (1, 2)),
        *(
            _coin(f"coin cold {at}", "cold", "customer", drawn(90, 120, "ltc", at) * LITE, at % 3)
            for at in range(1, 17)
        ),
        *(_coin(f"coin house {at}", "hot", "house", (2 + at) * LITE, at % 3) for at in (1, 2)),
        _vault(),
    )


def _coin(label: str, method: str, owner: str, units: int, kind: int) -> Wallet:
    form, scheme = KINDS[kind]
    number = drawn(10**6, 10**9, label)
    address = wallet.utxo_address(UTXO, wallet.single_script(wallet.key(number), form))
    held = ((address, {"ltc": units}),)
    return Wallet(f"{UTXO.name}:{address}", label, method, owner, "", held, scheme, number, form)


def _vault() -> Wallet:
    number = 30_000
    address = wallet.utxo_address(UTXO, make.multisig(number).script)
    held = ((address, {"ltc": 150 * LITE}),)
    account = f"{UTXO.name}:{address}"
    scheme = "multisig-signmessage"
    return Wallet(account, "coin vault", "cold", "customer", "", held, scheme, number)


def accounts_csv(rows: Sequence[Wallet]) -> str:
    """Write accounts.csv."""
    columns = ("account", "method", "holder", "owner", "assets", "label", "parent", "group")
    return make.table(
        columns,
        [
            (
                one.account,
                one.method,
                "self",
                one.owner,
                one.assets,
                one.label,
                one.parent,
                one.group,
            )
            for one in rows
        ],
    )
