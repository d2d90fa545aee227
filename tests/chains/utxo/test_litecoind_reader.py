"""Reading a real node: every number is compared with the node's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, ChainPlan, Exchange, PlannedAccount, Surroundings
from chains.recording import RecordedSource, decode_log, encode_log
from chains.sweep import swept
from chains.transport import Endpoint, HttpSource
from chains.utxo.answers import read_amount
from chains.utxo.descriptors import derive
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.caip import address_of
from tests.chains.utxo import rows
from tests.chains.utxo.keys import A, B, C

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chains.evidence import Call, Column, ProtocolName, Sweep
    from chains.snapshot import ChainSnapshot
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

CHAIN = rows.LITECOIN_REGTEST
KINDS = ("legacy", "p2sh-segwit", "bech32")


def source(node: Litecoind, name: str = "node-1", operator: str = "acme") -> HttpSource:
    return HttpSource(Endpoint(name, operator, node.url, "core"), lambda _: None)


def plan_of(addresses: Sequence[str], *, quorum: int = 1, confirmations: int = 1) -> ChainPlan:
    accounts = tuple(PlannedAccount(address, (CHAIN.native,)) for address in addresses)
    return ChainPlan(CHAIN, None, quorum, confirmations, accounts)


def around(pause: Callable[[float], None] = lambda _: None) -> Surroundings:
    return Surroundings(pause, lambda _stage, _done, _all: None)


def units_of(snapshot: ChainSnapshot) -> dict[str, tuple[int, int]]:
    return {address_of(row.account): (row.units, row.immature) for row in snapshot.balances}


def scanned(node: Litecoind, *addresses: str) -> int:
    """Give what the node itself says the addresses hold, in satoshi."""
    found = node.rpc("scantxoutset", "start", [f"addr({address})" for address in addresses])
    return read_amount(found["total_amount"])


def pay(node: Litecoind, addresses: Sequence[str], times: int) -> None:
    """Pay each address several times, with amounts that no float holds exactly."""
    for turn in range(times):
        amounts = {address: f"0.1{turn:02}0000{at}" for at, address in enumerate(addresses, 1)}
        node.rpc("sendmany", "", amounts)


@pytest.fixture
def funded(node: Litecoind) -> Litecoind:
    """A node whose wallet has mature coins of its own."""
    node.mine(110)
    return node


def test_many_coins_over_four_script_types(funded: Litecoind) -> None:
    # Keys of nobody on this machine, so that the wallet cannot spend from them.
    expressions = [f"pkh({A}/*)", f"sh(wpkh({A}/*))", f"wpkh({A}/*)"]
    expressions.append(f"wsh(sortedmulti(2,{A}/*,{B}/*,{C}/*))")
    addresses = [row.address for text in expressions for row in derive(CHAIN, text, 0)]
    pay(funded, addresses, 15)
    funded.mine()
    evidence = read(plan_of(addresses), [source(funded)], around())
    snapshot = recheck(plan_of(addresses), evidence)
    assert len(snapshot.coins) == len(addresses) * 15
    assert {address: (scanned(funded, address), 0) for address in addresses} == units_of(snapshot)
    assert sum(row.units for row in snapshot.balances) == scanned(funded, *addresses)
    assert snapshot.pin.block_hash == funded.rpc("getbestblockhash")
    header = funded.rpc("getblockheader", snapshot.pin.block_hash)
    assert (header["height"], header["mediantime"]) == (
        snapshot.pin.height,
        snapshot.pin.block_time,
    )


def test_all_outputs_of_the_chain_are_its_supply(funded: Litecoind) -> None:
    addresses = [funded.address(kind) for kind in KINDS]
    for address in addresses:
        funded.mine(40, address)
    wallet = {coin["address"] for coin in funded.rpc("listunspent", 0)}
    everyone = sorted({*addresses, *wallet, *_paid(funded)})
    snapshot = recheck(plan_of(everyone), read(plan_of(everyone), [source(funded)], around()))
    supply = read_amount(funded.rpc("gettxoutsetinfo")["total_amount"])
    assert supply == sum(row.units + row.immature for row in snapshot.balances)


def _paid(node: Litecoind) -> Iterator[str]:
    """Give the address each block's miner was paid to."""
    for height in range(1, node.rpc("getblockcount") + 1):
        block = node.rpc("getblock", node.rpc("getblockhash", height), 2)
        yield from block["tx"][0]["vout"][0]["scriptPubKey"]["addresses"]


def test_a_spend_in_the_last_block_with_its_change(funded: Litecoind) -> None:
    rich, change, paid = (funded.address(kind) for kind in KINDS)
    funded.rpc("sendtoaddress", rich, "10")
    funded.mine()
    spent = next(coin for coin in funded.rpc("listunspent") if coin["address"] == rich)
    raw = funded.rpc(
        "createrawtransaction",
        [{"txid": spent["txid"], "vout": spent["vout"]}],
        {paid: "2.5", change: "7.4999"},
    )
    signed = funded.rpc("signrawtransactionwithwallet", raw)["hex"]
    funded.rpc("sendrawtransaction", signed)
    addresses = [rich, change, paid]
    before = recheck(plan_of(addresses), read(plan_of(addresses), [source(funded)], around()))
    funded.mine()
    after = recheck(plan_of(addresses), read(plan_of(addresses), [source(funded)], around()))
    assert {rich: (10**9, 0), change: (0, 0), paid: (0, 0)} == units_of(before)
    assert {rich: (0, 0), change: (749_990_000, 0), paid: (250_000_000, 0)} == units_of(after)
    assert [after.pin.height] * 2 == [coin.height for coin in after.coins]


def test_a_payment_in_the_mempool_is_not_seen(funded: Litecoind) -> None:
    address = funded.address()
    funded.rpc("sendtoaddress", address, "1")
    snapshot = recheck(plan_of([address]), read(plan_of([address]), [source(funded)], around()))
    assert {address: (0, 0)} == units_of(snapshot)


def test_immature_coinbase_stands_apart(funded: Litecoind) -> None:
    miner, other = funded.address("legacy"), funded.address()
    funded.mine(1, miner)
    funded.rpc("sendtoaddress", miner, "0.25")
    funded.mine(1, other)

    def read_now() -> tuple[int, int]:
        wanted = plan_of([miner])
        return units_of(recheck(wanted, read(wanted, [source(funded)], around())))[miner]

    spendable, immature = read_now()
    assert (25_000_000, scanned(funded, miner) - 25_000_000) == (spendable, immature)
    assert immature > 0
    funded.mine(97, other)
    assert (spendable, immature) == read_now()
    # Depth 100 now: the next block may spend it.
    funded.mine(1, other)
    assert (spendable + immature, 0) == read_now()


def test_a_young_coin_spent_after_the_scan_is_still_told(funded: Litecoind) -> None:
    """A young coin that was spent after the scan is looked up in its block."""
    miner, young = funded.address(), funded.address()
    funded.mine(1, miner)
    funded.rpc("sendtoaddress", young, "3")
    funded.mine()
    wanted = plan_of([miner, young])
    node = source(funded)

    class SpendsAfterTheScan:
        name, operator = node.name, node.operator
        protocol: ProtocolName = "json-rpc"

        def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
            exchanges = node.ask(calls)
            if calls[0].method == "scantxoutset":
                coin = next(one for one in funded.rpc("listunspent") if one["address"] == young)
                raw = funded.rpc(
                    "createrawtransaction",
                    [{"txid": coin["txid"], "vout": coin["vout"]}],
                    {funded.address(): "2.999"},
                )
                signed = funded.rpc("signrawtransactionwithwallet", raw)["hex"]
                funded.rpc("sendrawtransaction", signed)
                funded.mine()
            return exchanges

        def sweep(self, sweep: Sweep) -> Column:
            return swept(self, sweep)

    evidence = read(wanted, [SpendsAfterTheScan()], around())
    asked = [exchange.call.method for exchange in evidence.logs[0].exchanges]
    assert {"getblock", "gettxout"} <= set(asked)
    found = units_of(recheck(wanted, evidence))
    expected = (300_000_000, 0)
    assert expected == found[young]
    assert found[miner][0] == 0
    assert found[miner][1] > 0


def test_the_reading_waits_for_depth(funded: Litecoind) -> None:
    address = funded.address()
    funded.rpc("sendtoaddress", address, "1")
    pinned = funded.mine()[0]
    wanted = plan_of([address], confirmations=6)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        funded.rpc("sendtoaddress", address, "1")
        funded.mine()

    snapshot = recheck(wanted, read(wanted, [source(funded)], around(pause)))
    assert len(pauses) == wanted.confirmations - 1
    assert (pinned, 6) == (snapshot.pin.block_hash, snapshot.pin.depth)
    # What was paid while waiting is after the pin.
    assert {address: (100_000_000, 0)} == units_of(snapshot)


def test_a_reorganisation_while_waiting_starts_over(funded: Litecoind) -> None:
    address = funded.address()
    funded.rpc("sendtoaddress", address, "1")
    pinned = funded.mine()[0]
    wanted = plan_of([address], confirmations=3)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            funded.rpc("invalidateblock", pinned)
            # An empty block takes the payment's place, so that the other branch is another one.
            funded.rpc("generateblock", funded.address(), [])
        funded.mine()

    snapshot = recheck(wanted, read(wanted, [source(funded)], around(pause)))
    assert snapshot.pin.block_hash != pinned
    best = funded.rpc("getblockhash", snapshot.pin.height)
    assert (best, 3) == (snapshot.pin.block_hash, snapshot.pin.depth)
    assert {address: (scanned(funded, address), 0)} == units_of(snapshot)


def test_two_nodes_at_different_tips_are_brought_in_step(
    funded: Litecoind, second_node: Litecoind
) -> None:
    second_node.connect(funded)
    second_node.wait_for_tip(funded.rpc("getbestblockhash"))
    second_node.rpc("setnetworkactive", False)
    address = funded.address()
    funded.rpc("sendtoaddress", address, "4")
    tip = funded.mine(3)[-1]
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        second_node.rpc("setnetworkactive", True)
        second_node.connect(funded)
        second_node.wait_for_tip(tip)

    two = [source(funded), source(second_node, "node-2", "zenith")]
    wanted = plan_of([address], quorum=2)
    snapshot = recheck(wanted, read(wanted, two, around(pause)))
    assert len(pauses) == 1
    assert (tip, 1) == (snapshot.pin.block_hash, snapshot.pin.depth)
    expected = [("quorum", 400_000_000)]
    assert expected == [(row.evidence, row.units) for row in snapshot.balances]


def test_one_node_under_two_names_of_one_operator_is_single(funded: Litecoind) -> None:
    two = [source(funded), source(funded, "node-2")]
    wanted = plan_of([funded.address()])
    snapshot = recheck(wanted, read(wanted, two, around()))
    assert {"single"} == {row.evidence for row in snapshot.balances}


def test_another_chain_is_refused(funded: Litecoind) -> None:
    bitcoin = rows.BITCOIN
    account = PlannedAccount("1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", (bitcoin.native,))
    with pytest.raises(ChainError, match=r"block 0 is 530827f3.*, must be 000000000019d668"):
        read(ChainPlan(bitcoin, None, 1, 1, (account,)), [source(funded)], around())


def test_the_recording_gives_the_same_snapshot(funded: Litecoind) -> None:
    addresses = [funded.address(kind) for kind in KINDS]
    pay(funded, addresses, 2)
    funded.mine(1, addresses[0])
    wanted = plan_of(addresses, confirmations=2)
    evidence = read(wanted, [source(funded)], around(lambda _: (funded.mine(), None)[1]))
    data = encode_log(evidence.chain, evidence.logs[0])
    log = decode_log(data, "log")[1]
    assert recheck(wanted, evidence) == recheck(wanted, ChainEvidence(CHAIN.id, (log,)))
    assert evidence == read(wanted, [RecordedSource(log)], around())
    assert b"0.1" in data


def test_the_node_writes_amounts_that_are_read_exactly(funded: Litecoind) -> None:
    raw = funded.rpc("createrawtransaction", [], {funded.address(): "0.00000001"})
    value = funded.rpc("decoderawtransaction", raw)["vout"][0]["value"]
    expected = ("0.00000001", 1)
    assert expected == (value, read_amount(value))
