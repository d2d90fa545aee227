"""Readings of both protocols from servers that fail, contradict themselves, or lie."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.errors import ChainError
from chains.evidence import Exchange, SourceLog
from chains.index import index_log
from chains.utxo.history import electrum, esplora, headers
from chains.utxo.history.reach import Span
from chains.utxo.history.voice import Silence
from tests.chains.utxo.history.minting import (
    MINER,
    SCRIPTS,
    START,
    Minted,
    mined,
    small_chain,
    tree,
)
from tests.chains.utxo.history.readings import (
    PROTOCOLS,
    TWO,
    Protocol,
    coins,
    failing,
    names,
    on,
    own_history,
    state,
    voice,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Json


@pytest.fixture(params=TWO)
def either(request: pytest.FixtureRequest) -> Protocol:
    return PROTOCOLS[request.param]


def test_another_chain_is_an_error_at_once(either: Protocol) -> None:
    chain, other = small_chain(), Minted(spacing=601)
    other.grow(3)
    form = chain.form(genesis=other.blocks[1].name)
    log = either.log(chain, Span(2, 3))
    with pytest.raises(ChainError, match="source server-1 follows another chain"):
        either.module.history_voice(form, SCRIPTS, Span(2, 3), log)
    forked = chain.form(fork_height=3, fork_hash=other.blocks[1].name)
    for wrong in (form, forked):
        with pytest.raises(ChainError, match="source server-1 follows another chain"):
            either.log(chain, Span(2, 3), form=wrong)


def test_a_server_that_names_another_chain_than_it_shows_is_an_error() -> None:
    wrong = on("server.features", lambda _: {"genesis_hash": "ab" * 32})
    with pytest.raises(ChainError, match=r"follows another chain: server\.features"):
        PROTOCOLS["electrum-1.6"].log(small_chain(), Span(2, 3), wrong)


def test_a_server_need_not_name_its_chain() -> None:
    found = PROTOCOLS["electrum-1.6"].vote(
        small_chain(), Span(9, 9), failing("server.features", "rpc_error")
    )
    assert state(small_chain(), 9) == coins(voice(found))


@pytest.mark.parametrize("part", ["block.header", "/block-height/0"])
def test_a_server_that_does_not_show_its_chain_is_silent(part: str) -> None:
    protocol = PROTOCOLS["esplora" if "/" in part else "electrum-1.6"]
    vote = protocol.vote(small_chain(), Span(9, 9), failing(part, "unreachable"))
    assert (None, "unreachable") == (vote.value, vote.said)
    vote = protocol.vote(small_chain(), Span(9, 9), on(part, lambda _: 5))
    assert (None, "malformed_answer") == (vote.value, vote.said)


@pytest.mark.parametrize("error", ["unreachable", "too_large", "rpc_error", "not_recorded"])
def test_a_history_that_is_not_given_makes_its_script_silent(either: Protocol, error: str) -> None:
    chain = small_chain()
    for name in names(SCRIPTS[1]):
        found = voice(either.vote(chain, Span(9, 9), failing(name, error)))
        if not found.replayed.silent:
            continue  # The other protocol's name.
        assert {SCRIPTS[1]: Silence(error)} == found.replayed.silent
        assert state(chain, 9, (SCRIPTS[0], SCRIPTS[2])) == coins(found)
        assert SCRIPTS[1] not in found.replayed.histories
        return
    pytest.fail("no script was silent")


def test_a_history_over_the_limit_is_too_large(
    either: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(electrum, "MAX_HISTORY", 3)
    monkeypatch.setattr(esplora, "MAX_PAGES", 0)
    chain = small_chain()
    found = voice(either.vote(chain, Span(9, 9)))
    # The first script has five transactions, the others two or three; one page is one too many.
    said = {script: silence.said for script, silence in found.replayed.silent.items()}
    expected = (SCRIPTS[0], SCRIPTS[1]) if either.module is electrum else SCRIPTS
    assert dict.fromkeys(expected, "too_large") == said


def test_a_page_that_comes_again_is_a_contradiction() -> None:
    chain = small_chain()
    again: dict[str, Json] = {}

    def stuck(exchange: Exchange) -> Exchange:
        path = str(exchange.call.params)
        if names(SCRIPTS[0])[1] not in path:
            return exchange
        return Exchange(exchange.call, again.setdefault("page", exchange.result))

    found = voice(PROTOCOLS["esplora"].vote(chain, Span(9, 9), stuck))
    assert {SCRIPTS[0]: Silence("malformed_answer")} == found.replayed.silent


def test_a_run_over_the_limit_of_headers_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = small_chain()
    monkeypatch.setattr(electrum, "MAX_HEADERS", 9)
    vote = PROTOCOLS["electrum-1.6"].vote(chain, Span(9, 9))
    assert (None, "too_large") == (vote.value, vote.said)
    assert state(chain, 8) == coins(voice(PROTOCOLS["electrum-1.6"].vote(chain, Span(8, 8))))
    assert headers.MAX_HEADERS > 10**6


@pytest.mark.parametrize(
    ("part", "error"),
    [
        ("transaction.get ", "throttled"),
        ("get_merkle", "unreachable"),
        ("/hex", "throttled"),
        ("/merkle-proof", "no_reply"),
    ],
)
def test_a_transaction_that_is_not_given_makes_its_scripts_silent(part: str, error: str) -> None:
    chain = small_chain()
    protocol = PROTOCOLS["esplora" if "/" in part else "electrum-1.6"]
    txid = chain.history(SCRIPTS[2])[1][0]  # Touches the first and the third script.

    def changed(exchange: Exchange) -> Exchange:
        here = txid in str(exchange.call.params)
        return failing(part, error)(exchange) if here else exchange

    found = voice(protocol.vote(chain, Span(9, 9), changed))
    expected = {SCRIPTS[0]: Silence(error), SCRIPTS[2]: Silence(error)}
    assert expected == found.replayed.silent
    assert state(chain, 9, (SCRIPTS[1],)) == coins(found)


def flipped(text: str, at: int) -> str:
    return text[:at] + f"{int(text[at], 16) ^ 1:x}" + text[at + 1 :]


def test_every_changed_digit_of_a_transaction_is_refused(either: Protocol) -> None:
    chain = small_chain()
    txid = chain.history(SCRIPTS[0])[1][0]
    part = "/hex" if either.module is esplora else "transaction.get"
    for at in range(len(chain.raw[txid].hex())):

        def changed(exchange: Exchange, at: int = at) -> Exchange:
            if txid not in str(exchange.call.params):
                return exchange
            return on(part, lambda text: flipped(str(text), at) if isinstance(text, str) else text)(
                exchange
            )

        found = voice(either.vote(chain, Span(9, 9), changed))
        # It touches the first two scripts.
        expected = dict.fromkeys(SCRIPTS[:2], Silence("malformed_answer"))
        assert expected == found.replayed.silent


def test_every_changed_digit_of_a_branch_is_refused(either: Protocol) -> None:
    chain = small_chain()
    txid, height = chain.history(SCRIPTS[0])[-1]
    siblings, position = chain.branch(txid, height)
    assert len(siblings) == 2
    changes: list[tuple[tuple[str, ...], int]] = [(siblings, position ^ 1), (siblings[:1], 0)]
    changes += [
        ((*siblings[:level], flipped(siblings[level], at), *siblings[level + 1 :]), position)
        for level in range(2)
        for at in range(64)
    ]
    for branch, place in changes:

        def changed(
            exchange: Exchange, branch: tuple[str, ...] = branch, place: int = place
        ) -> Exchange:
            name = f"{exchange.call.method} {exchange.call.params}"
            if txid not in name or not ("get_merkle" in name or "merkle-proof" in name):
                return exchange
            result: Json = {"block_height": height, "merkle": branch, "pos": place}
            return Exchange(exchange.call, result)

        found = voice(either.vote(chain, Span(9, 9), changed))
        touched = {script for script, name, _ in chain.touched if name == txid} & {*SCRIPTS}
        expected = dict.fromkeys(touched, Silence("malformed_answer", "not_in_block"))
        assert expected == found.replayed.silent


def test_every_changed_digit_of_a_run_of_headers_is_refused() -> None:
    chain = small_chain()
    protocol = PROTOCOLS["electrum-1.4"]

    def with_digit(at: int) -> Callable[[Exchange], Exchange]:
        def changed(answer: Json) -> Json:
            assert isinstance(answer, dict)
            return answer | {"hex": flipped(str(answer["hex"]), at)}

        return on("block.headers", changed)

    for at in range(len(chain.blocks) * 160):
        if at >= len(chain.blocks) * 160 - 8:
            # Another nonce of the last header meets the easy target at times: another block.
            continue
        vote = protocol.vote(chain, Span(9, 9), with_digit(at))
        if vote.value is None:
            assert "malformed_answer" == vote.said
            continue
        # The top of the chain is named by nobody: it has another name, and a script with a
        # transaction in it is silent.
        assert at >= len(chain.blocks) * 160 - 160
        assert chain.blocks[9].name != vote.value.scan.block_hash


def test_every_changed_digit_of_a_single_header_is_refused() -> None:
    chain = small_chain()
    chain.grow(12)
    span = Span(21, 21)
    protocol = PROTOCOLS["esplora"]
    height = chain.history(SCRIPTS[0])[0][1]
    assert height < 11
    raw = chain.blocks[height].header.hex()
    for at in range(160):

        def changed(exchange: Exchange, at: int = at) -> Exchange:
            if chain.blocks[height].name not in str(exchange.call.params):
                return exchange
            return Exchange(exchange.call, flipped(raw, at))

        found = voice(protocol.vote(chain, span, changed))
        assert {SCRIPTS[0]: Silence("malformed_answer")} == found.replayed.silent


def test_a_single_header_without_work_is_refused() -> None:
    chain = small_chain()
    chain.grow(12)
    height = chain.history(SCRIPTS[0])[0][1]
    form = chain.form()
    true = chain.blocks[height]
    idle = true.header
    target = 0x7FFFFF << 232
    while int(name_of(idle), 16) <= target:
        idle = idle[:76] + (int.from_bytes(idle[76:], "little") + 1).to_bytes(4, "little")

    def changed(exchange: Exchange) -> Exchange:
        path = str(exchange.call.params)
        if path == f"('/block-height/{height}',)":
            return Exchange(exchange.call, name_of(idle))
        return Exchange(exchange.call, idle.hex()) if name_of(idle) in path else exchange

    found = voice(PROTOCOLS["esplora"].vote(chain, Span(21, 21), changed, form))
    assert {SCRIPTS[0]: Silence("malformed_answer")} == found.replayed.silent


def name_of(header: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(header).digest()).digest()[::-1].hex()


def without(txid: str) -> Callable[[Json], Json]:
    def changed(listed: Json) -> Json:
        assert isinstance(listed, tuple)
        return tuple(one for one in listed if txid not in str(one))

    return changed


def test_a_transaction_left_out_of_one_history_is_seen_in_another(either: Protocol) -> None:
    chain = small_chain()
    # The second script is paid at 3, 5 and 8, and spends at 6, all seen by others but the last,
    # which is a coinbase.
    txids = [txid for txid, _ in chain.history(SCRIPTS[1])]
    reasons = ("hidden_receipt", "hidden_receipt", "hidden_spend")
    for txid, reason in zip(txids[:3], reasons, strict=True):
        found = voice(either.vote(chain, Span(9, 9), own_history(SCRIPTS[1], without(txid))))
        expected = {SCRIPTS[1]: Silence("malformed_answer", reason)}  # type: ignore[arg-type]  # one of its words
        assert expected == found.replayed.silent
    found = voice(either.vote(chain, Span(9, 9), own_history(SCRIPTS[1], without(txids[3]))))
    # What every list leaves out is not seen: this is what a second operator is for.
    assert {} == found.replayed.silent
    assert state(chain, 9) != coins(found)


def test_a_spend_that_every_list_leaves_out_is_not_seen(either: Protocol) -> None:
    chain = Minted()
    chain.grow(1)
    chain.add(reward=SCRIPTS[0])
    coin = (chain.blocks[1].txids[0], 0)
    chain.add(([coin], [(MINER, 5)]))
    hidden = own_history(SCRIPTS[0], without(chain.blocks[2].txids[1]))
    found = voice(either.vote(chain, Span(2, 2), hidden))
    assert {} == state(chain, 2)
    assert [coin] == list(coins(found))


def test_a_history_with_another_s_transaction_is_refused(either: Protocol) -> None:
    chain = small_chain()
    chain.add(([next(at for at, h in chain.held.items() if h.script == MINER)], [(MINER, 1)]))
    txid = chain.blocks[10].txids[1]
    added: Json = (
        {"txid": txid, "status": {"confirmed": True, "block_height": 10}}
        if either.module is esplora
        else {"tx_hash": txid, "height": 10}
    )

    def more(listed: Json) -> Json:
        assert isinstance(listed, tuple)
        if not listed:
            return listed
        return (added, *listed) if either.module is esplora else (*listed, added)

    found = voice(either.vote(chain, Span(10, 10), own_history(SCRIPTS[2], more)))
    assert {SCRIPTS[2]: Silence("malformed_answer", "unrelated")} == found.replayed.silent


@pytest.mark.parametrize("height", [True, "5", "5.0", None, -2, 2**40, 5.5])
def test_heights_of_other_kinds_make_a_history_malformed(either: Protocol, height: Any) -> None:  # noqa: ANN401 - whatever a server writes
    def changed(listed: Json) -> Json:
        assert isinstance(listed, tuple)
        first: Any = listed[0]
        if either.module is esplora:
            status = first["status"] | {"block_height": height}
            return (first | {"status": status}, *listed[1:])
        return (first | {"height": height}, *listed[1:])

    chain = small_chain()
    found = voice(either.vote(chain, Span(9, 9), own_history(SCRIPTS[2], changed)))
    assert {SCRIPTS[2]: Silence("malformed_answer")} == found.replayed.silent


def test_a_wrong_height_of_a_transaction_is_refused(either: Protocol) -> None:
    chain = small_chain()

    def changed(listed: Json) -> Json:
        assert isinstance(listed, tuple)
        return tuple(lowered(one) for one in listed)

    def lowered(one: Any) -> Json:  # noqa: ANN401 - an object of either protocol
        if "status" in one:
            height = one["status"]["block_height"]
            status = one["status"] | {"block_height": height - 1}
            return {**one, "status": status}
        return {**one, "height": one["height"] - 1}

    found = voice(either.vote(chain, Span(9, 9), own_history(SCRIPTS[2], changed)))
    assert {SCRIPTS[2]} == set(found.replayed.silent)
    said = found.replayed.silent[SCRIPTS[2]].said
    assert ("malformed_answer" if either.module is esplora else "rpc_error") == said


def test_a_forged_transaction_in_a_forged_block_breaks_the_link_to_the_pin() -> None:
    # An old block is made anew around an invented payment, with work. On Electrum the header
    # after it does not name it; on Esplora nothing ties it to the pin, as the checks say.
    chain, forged = small_chain(), small_chain()
    chain.grow(12)
    invented = Minted([*forged.blocks[:4]], dict(forged.raw), dict(forged.states[3]), [], [])
    invented.add(reward=SCRIPTS[2])
    block, txid = invented.blocks[4], invented.blocks[4].txids[0]
    chain.raw[txid] = invented.raw[txid]
    chain.touched.append((SCRIPTS[2], txid, 4))
    chain.touched.sort(key=lambda one: one[2])
    chain.blocks[4] = block
    vote = PROTOCOLS["electrum-1.6"].vote(chain, Span(20, 21))
    assert (None, "malformed_answer") == (vote.value, vote.said)
    found = voice(PROTOCOLS["esplora"].vote(chain, Span(20, 21)))
    assert "pin" == found.checks.linked
    assert (txid, 0) in coins(found)


def test_a_run_around_the_pin_that_does_not_link_is_refused() -> None:
    chain = small_chain()
    chain.grow(12)
    chain.blocks[15] = replace(
        chain.blocks[15],
        header=mined(chain.blocks[13].name, tree(chain.blocks[15].txids)[-1][0], START, chain.bits),
    )
    for name in TWO:
        vote = PROTOCOLS[name].vote(chain, Span(20, 21))
        assert (None, "malformed_answer") == (vote.value, vote.said)


def test_a_run_without_work_is_refused(either: Protocol) -> None:
    chain = small_chain()
    chain.grow(12)
    form = chain.form(pow_limit="00" * 4 + "ff" * 28)
    vote = either.vote(chain, Span(20, 21), form=form)
    assert (None, "malformed_answer") == (vote.value, vote.said)


def test_a_known_block_that_is_another_is_refused(either: Protocol) -> None:
    chain = small_chain()
    form = chain.form(checkpoint_height=5, checkpoint_hash="ab" * 32)
    vote = either.vote(chain, Span(9, 9), form=form)
    assert (None, "malformed_answer") == (vote.value, vote.said)


def test_headers_that_are_not_given_make_the_server_silent(either: Protocol) -> None:
    part = "block.headers" if either.module is electrum else "/header"
    vote = either.vote(small_chain(), Span(9, 9), failing(part, "unreachable"))
    assert (None, "unreachable") == (vote.value, vote.said)
    vote = either.vote(small_chain(), Span(9, 9), on(part, lambda _: "00" * 79))
    assert (None, "malformed_answer") == (vote.value, vote.said)


def test_a_question_that_was_not_asked_is_never_an_answer(either: Protocol) -> None:
    chain = small_chain()
    whole = either.log(chain, Span(9, 9))
    for place in range(len(whole.log.entries)):
        entries = whole.log.entries[:place] + whole.log.entries[place + 1 :]
        log = index_log(SourceLog("server-1", "acme", entries))
        vote = either.module.history_voice(chain.form(), SCRIPTS, Span(9, 9), log)
        if vote.value is None:
            assert "not_read" == vote.said
            continue
        silent = vote.value.replayed.silent
        if whole.log.exchanges[place].call.method == "server.features":
            assert {} == silent
            continue
        assert {"not_read"} == {one.said for one in silent.values()}
        spoken = tuple(script for script in SCRIPTS if script not in silent)
        assert state(chain, 9, spoken) == coins(vote.value)


def test_an_answer_given_in_two_ways_is_malformed(either: Protocol) -> None:
    chain = small_chain()
    whole = either.log(chain, Span(9, 9))
    place = next(
        at
        for at, one in enumerate(whole.log.exchanges)
        if any(name in str(one.call.params) for name in names(SCRIPTS[2]))
    )
    twice = (*whole.log.entries, Exchange(whole.log.exchanges[place].call, ()))
    log = index_log(SourceLog("server-1", "acme", twice))
    found = voice(either.module.history_voice(chain.form(), SCRIPTS, Span(9, 9), log))
    assert {SCRIPTS[2]: Silence("malformed_answer")} == found.replayed.silent
