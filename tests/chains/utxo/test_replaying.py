"""Index servers read at past blocks: pins, waits, reorganisations, readings taken up again."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Column, Exchange
from chains.journal import Journal, JournaledSource
from chains.recording import RecordedSource, decode_log, encode_log
from chains.utxo import depth, desk, replaying
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.caip import address_of
from tests.chains.utxo.fake_server import (
    FakeServer,
    address_in,
    failing,
    lived,
    median_at,
    plan_of,
)
from tests.chains.utxo.history.minting import SCRIPTS, START, Minted, mined, shown
from tests.chains.utxo.history.readings import names
from tests.chains.utxo.minted_readings import World, held, other_branch, snapshot_of, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Entry, ProtocolName

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


# Which block is the pin.


def test_without_a_moment_the_pin_is_as_deep_as_asked(protocol: ProtocolName) -> None:
    chain = lived()
    for confirmations in (1, 3, 6):
        plan = plan_of(chain, confirmations=confirmations)
        found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
        pin = found.pin
        assert (31 - confirmations, confirmations) == (pin.height, pin.depth)
        assert chain.blocks[pin.height].name == pin.block_hash
        assert held(chain, pin.height) == totals(found)


def test_the_lowest_tip_counts_and_nobody_waits_for_it() -> None:
    chain, world = lived(), World()
    sources = [FakeServer(chain), FakeServer(chain, "server-2", "zenith", tip=25)]
    plan = plan_of(chain, quorum=2)
    found = snapshot_of(plan, *sources, world=world)
    assert (23, 3) == (found.pin.height, found.pin.depth)
    assert {"quorum"} == {one.evidence for one in found.balances}
    assert [] == world.pauses


def test_every_past_block_is_found_by_its_time(protocol: ProtocolName) -> None:
    chain = lived(20)
    # Up to the sixth block the median time stands still or jumps; later it goes by one block.
    for height in range(1, 18):
        for late in (0, 1, 599):
            moment = median_at(height) + late
            last = max(at for at in range(21) if median_at(at) <= moment)
            plan = plan_of(chain, as_of=moment)
            found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
            assert min(last, 18) == found.pin.height
            assert median_at(found.pin.height) == found.pin.block_time
            assert held(chain, found.pin.height) == totals(found)


def test_a_chain_that_begins_later_has_no_pin(protocol: ProtocolName) -> None:
    chain = lived(20)
    with pytest.raises(ChainError, match=f"minted begins after {START - 1}"):
        snapshot_of(plan_of(chain, as_of=START - 1), FakeServer(chain, protocol=protocol))


def test_a_chain_that_is_too_short_has_no_pin() -> None:
    chain = lived(10)
    with pytest.raises(ChainError, match="minted has 11 blocks, a depth of 12 is needed"):
        snapshot_of(plan_of(chain, confirmations=12), FakeServer(chain))


def test_a_block_that_is_not_deep_yet_is_waited_for(protocol: ProtocolName) -> None:
    chain = lived(20)
    world = World(lambda: chain.grow(1))
    plan = plan_of(chain, as_of=START + 10**6, confirmations=4)
    source = FakeServer(chain, protocol=protocol)
    evidence = read(plan, [source], world.around())
    pin = recheck(plan, evidence).pin
    assert (20, 4, [depth.POLL_SECONDS] * 3) == (pin.height, pin.depth, world.pauses)
    waits = [what[1:] for what in world.said if "waiting" in what[0]]
    assert [(1, 4), (2, 4), (3, 4)] == waits
    # The recording asks nobody to wait again.
    again = World()
    assert evidence == read(plan, [RecordedSource(evidence.logs[0])], again.around())
    assert [] == again.pauses


def test_waiting_for_depth_has_an_end() -> None:
    chain, world = lived(20), World()
    plan = plan_of(chain, as_of=START + 10**6, confirmations=2)
    with pytest.raises(ChainError, match=r"block 21 is needed: server-1 is at 20"):
        snapshot_of(plan, FakeServer(chain), world=world)
    assert depth.WAIT_PER_BLOCK_SECONDS + depth.LAG_SECONDS == sum(world.pauses)


def test_a_server_that_stays_behind_is_waited_for_a_little() -> None:
    chain, world = lived(), World()
    stuck = FakeServer(chain, "server-2", "zenith", tip=12)
    plan = plan_of(chain, as_of=median_at(11))
    with pytest.raises(
        ChainError, match=r"block 13 is needed: server-1 is at 30, server-2 is at 12"
    ):
        snapshot_of(plan, FakeServer(chain), stuck, world=world)
    assert depth.LAG_SECONDS == sum(world.pauses)


def test_a_server_that_catches_up_speaks() -> None:
    chain = lived()
    late = FakeServer(chain, "server-2", "zenith", tip=12)
    world = World(lambda: setattr(late, "tip", (late.tip or 0) + 1))
    plan = plan_of(chain, as_of=median_at(11), quorum=2)
    found = snapshot_of(plan, FakeServer(chain), late, world=world)
    assert (11, 1) == (found.pin.height, len(world.pauses))


def test_a_server_that_falls_silent_while_waiting_is_left_behind() -> None:
    chain = lived(20)

    def dying(exchange: Exchange) -> Exchange:
        gone = "subscribe" in exchange.call.method and chain.height > 20
        return failing(exchange, "unreachable") if gone else exchange

    second = FakeServer(chain, "server-2", "zenith", change=dying)
    world = World(lambda: chain.grow(1))
    plan = plan_of(chain, as_of=START + 10**6)
    found = snapshot_of(plan, FakeServer(chain), second, world=world)
    assert depth.MAX_FAILED_POLLS < len(world.pauses) < depth.MAX_FAILED_POLLS + 4
    assert {("server-1", "server-2")} == {one.sources for one in found.balances}


# Servers that differ, and chains that change.


def test_servers_on_different_branches_have_no_pin(protocol: ProtocolName) -> None:
    chain, world = lived(), World()
    fork = other_branch(chain, 20, 11)
    second = FakeServer(fork, "server-2", "zenith", protocol)
    with pytest.raises(ChainError, match=r"different blocks in each of 5 readings: server-1 is at"):
        snapshot_of(plan_of(chain), FakeServer(chain), second, world=world)
    assert [replaying.START_SECONDS] * replaying.MAX_STARTS == world.pauses
    # Found out before a single history was asked for.
    assert [] == second.sweeps


def test_branches_above_the_pin_do_not_matter() -> None:
    chain = lived()
    fork = other_branch(chain, 20, 11)
    sources = FakeServer(chain), FakeServer(fork, "server-2", "zenith")
    found = snapshot_of(plan_of(chain, as_of=median_at(17), quorum=2), *sources)
    assert (17, held(chain, 17)) == (found.pin.height, totals(found))


def test_a_reorganisation_during_the_reading_starts_it_over(protocol: ProtocolName) -> None:
    chain, world = lived(), World()
    fork = other_branch(chain, 25, 12)
    server = FakeServer(chain, protocol=protocol)

    def reorganise(call: Call) -> None:
        if any(txid in str(call.params) for txid in fork.raw):
            server.chain = fork

    server.before = reorganise
    found = snapshot_of(plan_of(chain), server, world=world)
    assert [replaying.START_SECONDS] == world.pauses
    assert (34, fork.blocks[34].name) == (found.pin.height, found.pin.block_hash)
    assert held(fork, 34) == totals(found)


def test_a_chain_that_never_rests_has_no_pin() -> None:
    chain, world = lived(), World()
    forks = [chain, other_branch(chain, 25, 6)]
    server = FakeServer(chain)

    def flip(call: Call) -> None:
        if "get_history" in call.method:
            server.chain = forks[forks.index(server.chain) - 1]

    server.before = flip
    with pytest.raises(ChainError, match="different blocks in each of 5 readings"):
        snapshot_of(plan_of(chain), server, world=world)


def test_another_chain_is_an_error_at_once(protocol: ProtocolName) -> None:
    other = Minted(spacing=601)
    other.grow(30)
    server = FakeServer(lived(), protocol=protocol)
    with pytest.raises(ChainError, match="source server-1 follows another chain"):
        snapshot_of(plan_of(other, genesis=other.blocks[1].name), server)
    assert [] == server.sweeps


def shifted(chain: Minted, seconds: int) -> Callable[[Exchange], Exchange]:
    """Give a run of headers with other times, as long as it is one that a median needs."""

    def changed(exchange: Exchange) -> Exchange:
        match exchange.call.params:
            case (int(start), int(count)) if (
                exchange.call.method.endswith("headers") and count < 12
            ):
                raw, previous = [], chain.blocks[start - 1].name if start else "00" * 32
                for block in chain.blocks[start : start + count]:
                    time = int.from_bytes(block.header[68:72], "little") + seconds
                    root = block.header[36:68][::-1].hex()
                    raw.append(mined(previous, root, time, chain.bits))
                    previous = shown(raw[-1])
                return replace(exchange, result={"count": count, "hex": b"".join(raw).hex()})
        return exchange

    return changed


@pytest.mark.parametrize("seconds", [-6000, 6000])
def test_a_server_that_lies_about_times_finds_no_pin(seconds: int) -> None:
    chain = lived()
    liar = FakeServer(chain, change=shifted(chain, seconds))
    plan = plan_of(chain, as_of=median_at(15))
    with pytest.raises(ChainError, match=r"is not the last one|has no pin"):
        snapshot_of(plan, liar)
    # Nor if another server tells the truth: nobody knows who is right.
    with pytest.raises(ChainError, match=r"is not the last one|has no pin"):
        snapshot_of(plan, liar, FakeServer(chain, "server-2", "zenith"))


def test_the_next_server_is_searched_if_the_first_shows_no_times() -> None:
    chain = lived()

    def timeless(exchange: Exchange) -> Exchange:
        short = exchange.call.method.endswith("headers") and exchange.call.params[-1] == 11
        return failing(exchange, "rpc_error") if short else exchange

    first = FakeServer(chain, change=timeless)
    plan = plan_of(chain, as_of=median_at(15), quorum=2)
    found = snapshot_of(plan, first, FakeServer(chain, "server-2", "zenith"))
    assert (15, held(chain, 15)) == (found.pin.height, totals(found))
    with pytest.raises(ChainError, match="no source of minted shows the times of its blocks"):
        snapshot_of(replace(plan, quorum=1), first)


@pytest.mark.parametrize("tip", [10**6, 31])
def test_a_tip_that_is_not_there_gives_no_pin(tip: int, protocol: ProtocolName) -> None:
    chain = lived()
    source = FakeServer(chain, protocol=protocol, tip=tip)
    with pytest.raises(ChainError, match=r"no pin|not deep|shows the times"):
        snapshot_of(plan_of(chain, confirmations=1), source)


# Servers that fail.


def test_a_history_that_is_too_large_is_a_failed_read(protocol: ProtocolName) -> None:
    chain = lived()

    def busy(exchange: Exchange) -> Exchange:
        hit = any(name in str(exchange.call.params) for name in names(SCRIPTS[1]))
        return failing(exchange, "too_large") if hit else exchange

    plan = plan_of(chain)
    found = snapshot_of(plan, FakeServer(chain, protocol=protocol, change=busy))
    ((one),) = found.failures
    assert ("source_failed", (("server-1", "too_large"),)) == (one.reason, one.answers)
    assert address_in(plan.chain, SCRIPTS[1]) == address_of(one.account)
    kept = held(chain, 28)
    assert [kept[0], kept[2]] == totals(found)


@pytest.mark.parametrize("error", ["throttled", "unreachable", "rpc_error", "bad_reply"])
def test_a_transaction_that_is_not_given_is_a_failed_read(
    error: str, protocol: ProtocolName
) -> None:
    chain = lived()
    moved = {txid for script, txid, _ in chain.touched if script == SCRIPTS[2]}

    def lacking(exchange: Exchange) -> Exchange:
        hit = any(txid in str(exchange.call.params) for txid in moved)
        return failing(exchange, error) if hit else exchange

    found = snapshot_of(plan_of(chain), FakeServer(chain, protocol=protocol, change=lacking))
    # The same transactions touch the other scripts too.
    assert {(("server-1", error),)} == {one.answers for one in found.failures}
    assert 3 == len(found.failures)


def test_a_server_that_vanishes_is_not_asked_for_everything(
    protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "SWEEP", 1)
    chain = lived()
    vanishing = FakeServer(chain, "server-2", "zenith", protocol)

    def vanished(exchange: Exchange) -> Exchange:
        return failing(exchange, "unreachable") if vanishing.sweeps else exchange

    vanishing.change = vanished
    plan = plan_of(chain)
    found = snapshot_of(plan, FakeServer(chain), vanishing)
    assert held(chain, 28) == totals(found)
    assert {("single", ("server-1",))} == {(one.evidence, one.sources) for one in found.balances}
    assert 1 == len(vanishing.sweeps)
    with pytest.raises(ChainError, match=r"quorum_not_met: .*server-2 \(zenith\) says"):
        snapshot_of(replace(plan, quorum=2), FakeServer(chain), vanishing)
    with pytest.raises(ChainError, match=r"has no pin"):
        snapshot_of(plan, vanishing)


def test_a_server_that_vanishes_after_the_headers_leaves_failed_reads(
    protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PORTION", 4)
    chain = lived()
    wanted = names_of_transactions(chain)

    def lost(exchange: Exchange) -> Exchange:
        asked = f"{exchange.call.method} {exchange.call.params}"
        hit = ("transaction." in asked or "/tx/" in asked) and any(one in asked for one in wanted)
        return failing(exchange, "unreachable") if hit else exchange

    found = snapshot_of(plan_of(chain), FakeServer(chain, protocol=protocol, change=lost))
    assert [] == totals(found)
    assert {"not_read", "source_failed"} >= {one.reason for one in found.failures}


def names_of_transactions(chain: Minted) -> set[str]:
    return {txid for script, txid, _ in chain.touched if script in SCRIPTS}


def test_answers_over_what_a_recording_holds_stop_the_reading(
    protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PORTION", 2)
    chain = lived()
    whole = FakeServer(chain, protocol=protocol)
    snapshot_of(plan_of(chain), whole)
    counts = set()
    for room in range(500, 16_000, 250):
        monkeypatch.setattr(desk, "MAX_ANSWERS", room)
        server = FakeServer(chain, protocol=protocol)
        try:
            found = snapshot_of(plan_of(chain), server)
        except ChainError as error:
            assert "no pin" in error.what  # noqa: PT017 - one of two right outcomes
            continue
        counts.add(len(found.failures))
        right = dict(zip(SCRIPTS, held(chain, 28), strict=True))
        for one in found.balances:
            script = next(s for s in SCRIPTS if address_in(plan_of(chain).chain, s) in one.account)
            assert right[script] == one.units + one.immature
    assert {0} < counts


# How it is asked.


def test_few_questions_go_out_one_by_one(protocol: ProtocolName) -> None:
    chain = lived()
    portions: list[int] = []

    class Counting(FakeServer):
        def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
            portions.append(len(calls))
            return FakeServer.ask(self, calls)

    source = Counting(chain, protocol=protocol)
    evidence = read(plan_of(chain), [source], World().around())
    assert [SCRIPTS] == [tuple(chain_scripts(one.subjects)) for one in source.sweeps]
    # Opening, the pin's block twice, and a round or a page each: never a call for each transaction.
    assert len(portions) < 10
    columns = [one for one in evidence.logs[0].entries if isinstance(one, Column)]
    sizes = [len(column.results) for column in columns]
    assert [3] == sizes


def chain_scripts(subjects: Sequence[str]) -> list[str]:
    known = {name: script for script in SCRIPTS for name in names(script)}
    return [known[subject] for subject in subjects]


def test_progress_counts_histories() -> None:
    chain, world = lived(), World()
    snapshot_of(plan_of(chain), FakeServer(chain), world=world)
    told = [what for what in world.said if "reading histories" in what[0]]
    assert ("minted: reading histories from server-1", 3, 3) == told[0]
    assert all(done == total for _, done, total in told)


def test_servers_of_both_protocols_agree_to_the_outpoint() -> None:
    chain = lived()
    second = FakeServer(chain, "server-2", "zenith", "esplora")
    plan = plan_of(chain, as_of=median_at(8), quorum=2)
    found = snapshot_of(plan, FakeServer(chain), second)
    assert {"quorum"} == {one.evidence for one in found.balances}
    assert held(chain, 8) == totals(found)
    # The coinbase of block 8 cannot be spent yet; that of block 2 was spent long ago.
    assert [0, 5_000_000_000, 0] == [one.immature for one in found.balances]


# Recorded, resumed, tampered with.


def settle(_: object) -> None:
    """A file in memory survives nothing, and needs not."""


class Killed(Exception):  # noqa: N818 - what a signal does
    """The reading ended here."""


@pytest.mark.parametrize("as_of", [None, median_at(12), START + 10**6])
def test_a_resumed_reading_gives_identical_evidence(
    protocol: ProtocolName, as_of: int | None
) -> None:
    def begun() -> tuple[Minted, FakeServer]:
        chain = lived(20)
        return chain, FakeServer(chain, protocol=protocol)

    chain, server = begun()
    plan = plan_of(chain, as_of=as_of, window=(median_at(4), median_at(14)))
    expected = read(plan, [server], World(lambda: chain.grow(1)).around())
    total = len(server.asked)
    for kill in range(1, total, 7):
        chain, server = begun()
        file = BytesIO()

        def die(_: Call, limit: int = kill, server: FakeServer = server) -> None:
            if len(server.asked) == limit:
                raise Killed

        server.before = die
        grow = World(lambda chain=chain: chain.grow(1))  # type: ignore[misc]  # bound for the loop
        with pytest.raises(Killed):
            read(plan, [JournaledSource(server, Journal(file, "j", settle))], grow.around())
        file.seek(0)
        server.before = lambda _: None
        again = JournaledSource(server, Journal(file, "j", settle))
        assert expected == read(plan, [again], grow.around())


def test_a_recording_gives_the_same_evidence_and_snapshot(protocol: ProtocolName) -> None:
    chain = lived()
    plan = plan_of(chain, as_of=median_at(12), window=(median_at(4), median_at(14)))
    evidence = read(plan, [FakeServer(chain, protocol=protocol)], World().around())
    data = encode_log(evidence.chain, evidence.logs[0])
    assert f'"protocol":"{protocol}"'.encode() in data.split(b"\n")[0]
    log = decode_log(data, "log")[1]
    assert evidence == ChainEvidence(plan.chain.id, (log,))
    assert evidence == read(plan, [RecordedSource(log)], World().around())
    assert recheck(plan, evidence) == snapshot_of(plan, RecordedSource(log))


def test_no_entry_can_be_left_out_or_fail(protocol: ProtocolName) -> None:
    chain = lived(20)
    plan = plan_of(chain, as_of=median_at(12))
    evidence = read(plan, [FakeServer(chain, protocol=protocol)], World().around())
    entries = evidence.logs[0].entries
    whole = recheck(plan, evidence)
    right = {one.account: one for one in whole.balances}
    spared = 0
    for at, gone in enumerate(entries):
        lost: list[Entry] = []
        if isinstance(gone, Exchange):
            lost = [failing(gone, "unreachable"), replace(gone, result=None)]
        for new in ([], *([one] for one in lost)):
            log = replace(evidence.logs[0], entries=(*entries[:at], *new, *entries[at + 1 :]))
            try:
                found = recheck(plan, ChainEvidence(plan.chain.id, (log,)))
            except ChainError:
                continue
            assert whole.pin == found.pin
            assert all(right[one.account] == one for one in found.balances)
            spared += not found.failures
    # What may be missing: the name a server gives its chain, and the look at the pin beforehand.
    assert spared <= 8


def test_nothing_after_the_closing_question_is_believed() -> None:
    chain = lived()
    plan = plan_of(chain)
    evidence = read(plan, [FakeServer(chain)], World().around())
    log = evidence.logs[0]
    *others, closing = log.entries
    moved = (*others[:-1], closing, others[-1])
    with pytest.raises(ChainError, match="has no pin, not_read"):
        recheck(plan, ChainEvidence(plan.chain.id, (replace(log, entries=moved),)))
    assert isinstance(closing, Exchange)
    for result, said in (("00" * 80, "malformed_answer"), (None, "malformed_answer")):
        changed = (*others, replace(closing, result=result))
        with pytest.raises(ChainError, match=said):
            recheck(plan, ChainEvidence(plan.chain.id, (replace(log, entries=changed),)))


def test_a_log_under_another_protocol_says_nothing() -> None:
    chain = lived()
    plan = plan_of(chain)
    evidence = read(plan, [FakeServer(chain)], World().around())
    for other in ("esplora", "json-rpc"):
        log = replace(evidence.logs[0], protocol=other)
        with pytest.raises(ChainError, match="no pin"):
            recheck(plan, ChainEvidence(plan.chain.id, (log,)))
