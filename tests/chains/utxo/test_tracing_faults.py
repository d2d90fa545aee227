"""Index servers that lie about transactions which no planned history shows whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.errors import ChainError
from chains.rereading import REREADERS
from tests.chains.utxo.fake_server import FakeCore, FakeServer, failing
from tests.chains.utxo.history.minting import EASY, Minted, mined, shown
from tests.chains.utxo.history.servers import Electrum
from tests.chains.utxo.minted_readings import World, snapshot_of
from tests.chains.utxo.traced_life import (
    ALL,
    BOTH,
    MARK,
    MINED,
    STRANGER,
    UNKNOWN,
    Life,
    traced_life,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Call, Exchange, Json, ProtocolName


@pytest.fixture
def life() -> Life:
    return traced_life()


def about(exchange: Exchange, txid: str, what: str) -> bool:
    """Tell whether an exchange is about a transaction: its bytes, or its branch."""
    method, path = (
        exchange.call.method,
        str(exchange.call.params[0]) if exchange.call.params else "",
    )
    if what == "bytes":
        return txid in path and (method.endswith("transaction.get") or path.endswith("/hex"))
    return txid in path and ("merkle" in method or "merkle" in path)


def lying(txid: str, what: str, change: Callable[[Json], Json]) -> Callable[[Exchange], Exchange]:
    def changed(exchange: Exchange) -> Exchange:
        if exchange.error is not None or not about(exchange, txid, what):
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed


def with_key(key: str, value: Json) -> Callable[[Json], Json]:
    return lambda one: one | {key: value} if isinstance(one, dict) else one


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("name", MINED)
def test_bytes_that_are_not_the_transaction_give_no_answer(
    life: Life, protocol: ProtocolName, name: str
) -> None:
    txid = life.txids[name]
    inputs = {"deposit": "foreign", "out": "deposit", "foreign_late": "foreign"}
    another = life.chain.raw[life.chain.blocks[1].txids[0]].hex()
    lies: tuple[Json, ...] = (another, another[:-2], "", "zz", 7, None, "00" * 4_000_001)
    for subject in (txid, life.txids.get(inputs.get(name, ""), txid)):
        for lie in lies:
            change = lying(subject, "bytes", lambda _, it=lie: it)  # type: ignore[misc]
            found = snapshot_of(life.plan(name), life.server(protocol, change=change))
            assert {} == life.told(found)
    both = snapshot_of(
        life.plan(name, confirmations=1),
        FakeCore(life.chain),
        life.server(protocol, change=lying(txid, "bytes", lambda _: another)),
    )
    # A node alone would be believed; a contradiction beside it stops the answer.
    assert {} == life.told(both)


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("name", ["foreign", "out", "foreign_late"])
def test_a_branch_that_leads_elsewhere_gives_no_answer(
    life: Life, protocol: ProtocolName, name: str
) -> None:
    txid = life.txids[name]
    lies = (
        with_key("merkle", (UNKNOWN,)),
        with_key("merkle", ()),
        with_key("merkle", (UNKNOWN,) * 33),
        with_key("merkle", "00"),
        with_key("pos", 0),
        with_key("pos", 2**40),
        with_key("pos", True),
        with_key("block_height", 5),
        with_key("block_height", -1),
        with_key("block_height", 2**31 - 1),
        with_key("block_height", None),
        lambda _: None,
        lambda _: (),
    )
    for lie in lies:
        server = life.server(protocol, change=lying(txid, "branch", lie))
        assert {} == life.told(snapshot_of(life.plan(name), server))


def history_lie(txid: str, height: int) -> Callable[[Exchange], Exchange]:
    """Give a transaction another height in every history."""

    def changed(exchange: Exchange) -> Exchange:
        if not exchange.call.method.endswith("get_history") or exchange.error is not None:
            return exchange
        assert isinstance(exchange.result, tuple)
        listed = tuple(
            one | {"height": height} if isinstance(one, dict) and one["tx_hash"] == txid else one
            for one in exchange.result
        )
        return replace(exchange, result=listed)

    return changed


@pytest.mark.parametrize("height", [1, 5, 10**6, 2**31 - 1])
def test_a_height_in_a_history_is_not_believed(life: Life, height: int) -> None:
    txid = life.txids["foreign"]

    def moved(exchange: Exchange) -> Exchange:
        # The branch is given for whatever height is asked.
        if "merkle" in exchange.call.method and exchange.call.params[0] == txid:
            at = next(i for i, one in enumerate(life.chain.blocks) if txid in one.txids)
            siblings, position = life.chain.branch(txid, at)
            told: Json = {"block_height": height, "merkle": siblings, "pos": position}
            return replace(exchange, result=told, error=None)
        return history_lie(txid, height)(exchange)

    found = snapshot_of(life.plan("foreign", "deposit"), life.server(change=moved))
    assert {"deposit"} == life.told(found).keys()


def changed_block(chain: Minted, at: int, header: bytes) -> Minted:
    """The same chain with another header in one place; what comes after does not link with it."""
    blocks = list(chain.blocks)
    blocks[at] = replace(blocks[at], header=header)
    return replace(chain, blocks=blocks)


def parts(chain: Minted, at: int) -> tuple[str, str, int]:
    """What a header is made of: the block before, the root, and the time."""
    header = chain.blocks[at].header
    time = int.from_bytes(header[68:72], "little")
    return header[4:36][::-1].hex(), header[36:68][::-1].hex(), time


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("name", ["foreign", "foreign_late"])
def test_a_block_that_is_not_linked_with_the_pin_proves_nothing(
    life: Life, protocol: ProtocolName, name: str
) -> None:
    plan, around = life.plan(name), World().around()
    stated = snapshot_of(plan, life.server())
    assert () == REREADERS["utxo"](plan, stated, (life.server(protocol),), around)
    at = life.height(name)
    # The header holds the transaction and bears its work, but follows another block.
    header = mined("00" * 32, *parts(life.chain, at)[1:], life.chain.bits)
    liar = replace(life.server(protocol), chain=changed_block(life.chain, at, header))
    (met,) = REREADERS["utxo"](plan, stated, (liar,), around)
    # On Electrum a run of headers holds the pin and what lies below it.
    whole = protocol == "electrum" and name == "foreign"
    what = f"block {life.pinned}" if whole else f"transaction {life.txids[name]}"
    assert ("not_read_again", f"{what}: malformed_answer") == met


def on_another_branch(life: Life, first: int, lies: list[Call]) -> FakeServer:
    """A server that shows another branch, mined as well, wherever the pin's depth does not reach.

    The branch begins with a block of its own and holds `foreign_late` eight blocks above the pin.
    """
    chain, pin, late = life.chain, life.pinned, life.txids["foreign_late"]
    fork = Minted(chain.blocks[:first], dict(chain.raw), dict(chain.states[first - 1]))
    fork.add(reward=STRANGER)
    fork.grow(pin + 7 - first)
    spent = [(life.txids["foreign"], 2)]
    assert (late,) == fork.add((spent, [(MARK, 1), (STRANGER, 70)]))

    def elsewhere(exchange: Exchange) -> Exchange:
        match exchange.call.method, exchange.call.params:
            case "blockchain.block.headers", (int(start), int(count)) if start + count > pin + 5:
                lies.append(exchange.call)
            case "blockchain.transaction.get_merkle", (str(txid), _) if txid == late:
                lies.append(exchange.call)
            case _:
                return exchange
        return replace(exchange, result=Electrum(fork, ALL).answer(exchange.call), error=None)

    return life.server(change=elsewhere)


def test_another_branch_counts_if_it_holds_the_pin_and_no_block_known_otherwise(
    life: Life,
) -> None:
    pin, late = life.pinned, life.txids["foreign_late"]
    malformed = ("not_read_again", f"transaction {late}: malformed_answer")
    known = {"checkpoint_height": pin + 6, "checkpoint_hash": life.chain.blocks[pin + 6].name}
    cases: tuple[tuple[int, dict[str, Any], tuple[object, ...]], ...] = (
        (pin, {}, (malformed,)),
        (pin + 5, known, (malformed,)),
        # Whichever branch above the pin it is on, it moves the same.
        (pin + 5, {}, ()),
    )
    for first, form, expected in cases:
        plan = life.plan("foreign_late", **form)
        lies: list[Call] = []
        stated = snapshot_of(plan, life.server())
        assert ["foreign_late"] == list(life.told(stated))
        liar = on_another_branch(life, first, lies)
        assert expected == REREADERS["utxo"](plan, stated, (liar,), World().around())
        assert [pin + 9] == [one.params[1] for one in lies if one.method.endswith("headers")]


@pytest.mark.parametrize("protocol", BOTH)
def test_headers_above_the_pin_must_bear_their_work(life: Life, protocol: ProtocolName) -> None:
    plan, around = life.plan("foreign_late"), World().around()
    stated = snapshot_of(plan, life.server())
    at = life.height("foreign_late")
    lazy = changed_block(life.chain, at, unworked(*parts(life.chain, at)))
    liar = replace(life.server(protocol), chain=lazy)
    (met,) = REREADERS["utxo"](plan, stated, (liar,), around)
    said = f"transaction {life.txids['foreign_late']}: malformed_answer"
    assert ("not_read_again", said) == met


def unworked(previous: str, root: str, time: int) -> bytes:
    """A header whose hash is above its target."""
    header = mined(previous, root, time, EASY)
    for nonce in range(1 << 20):
        found = header[:76] + nonce.to_bytes(4, "little")
        if int(shown(found), 16) >> 255:
            return found
    raise ValueError("no such header")


@pytest.mark.parametrize("protocol", BOTH)
def test_a_server_that_vanishes_leaves_the_rest_as_it_was(
    life: Life, protocol: ProtocolName
) -> None:
    def away(exchange: Exchange) -> Exchange:
        hit = any(about(exchange, txid, "bytes") for txid in life.txids.values())
        return failing(exchange, "throttled") if hit else exchange

    plan = replace(life.plan("foreign", "foreign_late"), accounts=life.plan().accounts[2:])
    found = snapshot_of(plan, life.server(protocol, change=away))
    assert {} == life.told(found)
    assert () == found.failures


@pytest.mark.parametrize("protocol", BOTH)
def test_a_server_that_vanished_before_is_not_asked(life: Life, protocol: ProtocolName) -> None:
    def away(exchange: Exchange) -> Exchange:
        hit = "scripthash" in f"{exchange.call.method}{exchange.call.params}"
        return failing(exchange, "throttled") if hit else exchange

    server = life.server(protocol, change=away)
    with suppress(ChainError):  # On Esplora the pin's headers were read while it was looked for.
        assert () == snapshot_of(life.plan("foreign"), server).answers
    assert not any(life.txids["foreign"] in str(call.params) for call in server.asked)
