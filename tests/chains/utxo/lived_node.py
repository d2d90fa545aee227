"""A real node whose accounts were paid and have spent, and what it had at past heights."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from chains.evidence import ChainPlan, PlannedAccount, Surroundings
from chains.utxo.answers import read_amount
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Source
    from chains.snapshot import ChainSnapshot
    from tests.nodes.litecoind import Litecoind

CHAIN = load_registry().chain("litecoin-regtest")
SPACING = 600
PINS = (111, 114, 117)
DEPTH = 3


@dataclass(frozen=True, slots=True)
class Lived:
    """The node, and three accounts: one of each kind of address."""

    node: Litecoind
    addresses: tuple[str, ...]
    scripts: tuple[str, ...]
    coins: dict[int, set[tuple[Any, ...]]]
    """By height, as the node itself listed them when it was taken back there."""
    medians: dict[int, int]
    """By height, as the node says."""
    miner: str = ""
    """The address of somebody else."""

    @property
    def top(self) -> int:
        return max(self.medians)

    def name(self, place: int) -> str:
        """What an Electrum server calls an account's script."""
        return sha256(bytes.fromhex(self.scripts[place])).digest()[::-1].hex()

    def held(self, place: int, height: int) -> int:
        return sum(
            units for _, _, script, units, _ in self.coins[height] if script == self.scripts[place]
        )


def live(node: Litecoind) -> Lived:
    """Give the accounts a past.

    | block | |
    |---|---|
    | 110 | the first account mines |
    | 111 to 113 | each is paid by somebody else |
    | 114 | the first pays the second |
    | 115, 116 | the second and the third pay somebody else |
    """
    addresses = tuple(node.address(kind) for kind in ("legacy", "p2sh-segwit", "bech32"))
    miner = node.address()
    mine(node, 109, miner)
    mine(node, 1, addresses[0])
    for address in addresses:
        spend(node, miner, address, "1.5", "48.4999")
        mine(node, 1, miner)
    for owner, receiver in zip(addresses, (addresses[1], miner, miner), strict=True):
        spend(node, owner, receiver, "0.70000001", "0.7999")
        mine(node, 1, miner)
    mine(node, 6, miner)
    spend(node, miner, addresses[1], "0.125", "49.8749")
    scripts = tuple(node.rpc("getaddressinfo", one)["scriptPubKey"] for one in addresses)
    coins = {at: scanned(node, scripts, at) for at in PINS}
    return Lived(node, addresses, scripts, coins, medians_of(node), miner)


def mine(node: Litecoind, count: int, address: str) -> None:
    """Mine blocks ten minutes apart, as the node's clock has it."""
    for _ in range(count):
        time = node.rpc("getblockheader", node.rpc("getbestblockhash"))["time"]
        node.rpc("setmocktime", time + SPACING)
        node.mine(1, address)


def medians_of(node: Litecoind) -> dict[int, int]:
    heights = range(node.rpc("getblockcount") + 1)
    names = {at: node.rpc("getblockhash", at) for at in heights}
    return {at: node.rpc("getblockheader", name)["mediantime"] for at, name in names.items()}


def spend(node: Litecoind, owner: str, receiver: str, amount: str, rest: str) -> None:
    """Pay from an address's largest coin to another, and the rest back.

    The wallet's own payments were refused: it would take the accounts' coins as it sees fit.
    """
    own = [one for one in node.rpc("listunspent") if one["address"] == owner]
    coin = max(own, key=lambda one: read_amount(one["amount"]))
    raw = node.rpc(
        "createrawtransaction",
        [{"txid": coin["txid"], "vout": coin["vout"]}],
        {receiver: amount, owner: rest},
    )
    node.rpc("sendrawtransaction", node.rpc("signrawtransactionwithwallet", raw)["hex"])


def scanned(node: Litecoind, scripts: tuple[str, ...], height: int) -> set[tuple[Any, ...]]:
    """Take the node back to a height, and ask it for its coins."""
    above = node.rpc("getblockhash", height + 1)
    node.rpc("invalidateblock", above)
    found = node.rpc("scantxoutset", "start", [f"raw({script})" for script in scripts])
    node.rpc("reconsiderblock", above)
    assert (True, height) == (found["success"], found["height"])
    return {
        (one["txid"], one["vout"], one["scriptPubKey"], read_amount(one["amount"]), one["height"])
        for one in found["unspents"]
    }


def around(pause: Callable[[float], None] = lambda _: None) -> Surroundings:
    return Surroundings(pause, lambda _stage, _done, _all: None)


def plan_of(
    lived: Lived,
    pin: int | None,
    quorum: int = 1,
    depth: int = DEPTH,
    window: tuple[int, int] | None = None,
) -> ChainPlan:
    as_of = None if pin is None else lived.medians[pin] + 1
    accounts = tuple(PlannedAccount(address, (CHAIN.native,)) for address in lived.addresses)
    return ChainPlan(CHAIN, as_of, quorum, depth, accounts, window=window)


def snapshot_of(plan: ChainPlan, *sources: Source) -> ChainSnapshot:
    return recheck(plan, read(plan, sources, around()))


def listed(found: ChainSnapshot) -> set[tuple[Any, ...]]:
    return {(one.txid, one.vout, one.script, one.units, one.height) for one in found.coins}


def require_right(found: ChainSnapshot, lived: Lived, pin: int) -> None:
    """Hold a snapshot against what the node had."""
    assert lived.coins[pin] == listed(found)
    assert () == found.failures
    assert (pin, lived.medians[pin]) == (found.pin.height, found.pin.block_time)
    assert lived.node.rpc("getblockhash", pin) == found.pin.block_hash
