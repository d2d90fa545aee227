"""Index servers that fail; how they are asked; readings that are recorded and taken up again."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Column, Exchange
from chains.journal import Journal, JournaledSource
from chains.recording import RecordedSource, decode_log, encode_log
from chains.utxo import desk
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
from tests.chains.utxo.history.minting import SCRIPTS, START, Minted
from tests.chains.utxo.history.readings import names
from tests.chains.utxo.minted_readings import World, held, snapshot_of, totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, Entry, ProtocolName

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


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


def test_evidence_of_more_depth_serves_whoever_asks_for_less(protocol: ProtocolName) -> None:
    chain = lived()
    plan = plan_of(chain, as_of=median_at(12), confirmations=6)
    evidence = read(plan, [FakeServer(chain, protocol=protocol)], World().around())
    whole = recheck(plan, evidence)
    for confirmations in (1, 2, 3, 6):
        assert whole == recheck(replace(plan, confirmations=confirmations), evidence)
    with pytest.raises(ChainError, match="no pin"):
        recheck(replace(plan, confirmations=7), evidence)
