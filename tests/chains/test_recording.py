from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains import recording
from chains.errors import ChainError
from chains.evidence import Call, Column, Exchange, SourceLog, Sweep
from chains.recording import RecordedSource, Recorder, decode_log, encode_log
from config.caip import ChainId

CHAIN = ChainId("eip155:1")
BALANCE = Call("eth_getBalance", ("0xab", {"requireCanonical": True, "blockHash": "0x01"}))
CODE = Call("eth_getCode", ("0xab", "0x1"))
LOG = SourceLog(
    "node-1",
    "acme",
    (Exchange(BALANCE, "0x1"), Exchange(CODE, error="rpc_error"), Exchange(Call("x", ()), None)),
)
FILE = (
    b'{"chain":"eip155:1","operator":"acme","source":"node-1"}\n'
    b'{"method":"eth_getBalance",'
    b'"params":["0xab",{"blockHash":"0x01","requireCanonical":true}],"result":"0x1"}\n'
    b'{"error":"rpc_error","method":"eth_getCode","params":["0xab","0x1"]}\n'
    b'{"method":"x","params":[],"result":null}\n'
)


def test_a_log_is_written_as_the_format_says() -> None:
    assert encode_log(CHAIN, LOG) == FILE


def test_a_file_is_read_back() -> None:
    assert decode_log(FILE, "node-1.jsonl") == (CHAIN, LOG)


def test_a_file_of_line_ends_costs_no_more_than_its_size() -> None:
    data = FILE + b"\n" * (1 << 20)
    tracemalloc.start()
    with pytest.raises(ChainError, match="line 5 is not a recorded exchange"):
        decode_log(data, "f")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * len(data)


def test_a_log_without_exchanges_has_a_head_alone() -> None:
    empty = SourceLog("node-1", "acme", ())
    assert decode_log(encode_log(CHAIN, empty), "f") == (CHAIN, empty)


HISTORY = Exchange(Call("blockchain.scripthash.get_history", ("ab",)), ())
PAGE = Exchange(Call("GET", ("/blocks/tip/height",)), "7")
INDEXER = (
    b'{"chain":"bip122:1","operator":"acme","protocol":"electrum","source":"server-1"}\n'
    b'{"method":"blockchain.scripthash.get_history","params":["ab"],"result":[]}\n'
)


def test_the_head_names_every_protocol_but_the_one_of_nodes() -> None:
    log = SourceLog("server-1", "acme", (HISTORY,), "electrum")
    assert INDEXER == encode_log(ChainId("bip122:1"), log)
    assert (ChainId("bip122:1"), log) == decode_log(INDEXER, "f")
    pages = SourceLog("server-1", "acme", (PAGE,), "esplora")
    assert b'"protocol":"esplora"' in encode_log(CHAIN, pages)
    assert pages == decode_log(encode_log(CHAIN, pages), "f")[1]
    assert b"protocol" not in FILE
    assert "json-rpc" == decode_log(FILE, "f")[1].protocol
    assert "electrum" == RecordedSource(log).protocol == Recorder(RecordedSource(log)).protocol
    assert "electrum" == Recorder(RecordedSource(log)).log().protocol


@pytest.mark.parametrize("named", ["json-rpc", "Electrum", "", "ftp"])
def test_a_protocol_that_is_not_named_so_is_refused(named: str) -> None:
    with pytest.raises(ChainError, match="line 1 is not the head"):
        decode_log(INDEXER.replace(b"electrum", named.encode(), 1), "f")
    with pytest.raises(ChainError, match="line 1 is not the head"):
        decode_log(INDEXER.replace(b'"electrum"', b"null", 1), "f")


@pytest.mark.parametrize("protocol", ["json-rpc", "electrum", "esplora"])
@pytest.mark.parametrize("exchange", [LOG.exchanges[0], HISTORY, PAGE])
def test_a_question_of_another_protocol_is_refused(protocol: str, exchange: Exchange) -> None:
    own = {"json-rpc": LOG.exchanges[0], "electrum": HISTORY, "esplora": PAGE}[protocol]
    template = Call(exchange.call.method, ("/@",))
    column = Column(Sweep(template, ("a",)), (), (None,))
    lead = Column(
        Sweep(Call(own.call.method, ("/@",)), ("a",), (exchange.call,)), (exchange,), (1,)
    )
    for entry in (exchange, column, lead):
        log = SourceLog("s", "acme", (own, entry), protocol)  # type: ignore[arg-type]  # a name
        data = encode_log(CHAIN, log)
        if exchange is own:
            assert (CHAIN, log) == decode_log(data, "f")
            continue
        with pytest.raises(ChainError, match=f"line 3 is no question of protocol {protocol}"):
            decode_log(data, "f")


def test_every_cut_is_refused_or_ends_at_a_line() -> None:
    for end in range(len(FILE)):
        if end == 0 or FILE[end - 1 : end] != b"\n":
            with pytest.raises(ChainError):
                decode_log(FILE[:end], "f")


def test_every_changed_byte_is_refused_or_changes_the_log() -> None:
    for place in range(len(FILE)):
        for change in (1, 32, 128):
            data = bytearray(FILE)
            data[place] ^= change
            try:
                found = decode_log(bytes(data), "f")
            except ChainError:
                continue
            assert found != (CHAIN, LOG)
            assert encode_log(*found) == bytes(data)


HEAD = b'{"chain":"eip155:1","operator":"acme","source":"node-1"}\n'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cut off"),
        (b"\n", "line 1 is not the head"),
        (b'{"chain":"c","operator":"o"}\n', "line 1 is not the head"),
        (b'{"chain":"c","more":"m","operator":"o","source":"s"}\n', "line 1 is not the head"),
        (b'{"chain":"c","operator":"o","source":1}\n', "line 1 is not the head"),
        (HEAD + b"\n", "line 2 is not a recorded exchange"),
        (HEAD + b"[]\n", "line 2"),
        (HEAD + b'{"method":"x","params":[]}\n', "line 2"),
        (HEAD + b'{"method":"x","params":{},"result":1}\n', "line 2"),
        (HEAD + b'{"method":1,"params":[],"result":1}\n', "line 2"),
        (HEAD + b'{"error":"odd","method":"x","params":[]}\n', "line 2"),
        (HEAD + b'{"error":null,"method":"x","params":[]}\n', "line 2"),
        (HEAD + b'{"error":{},"method":"x","params":[]}\n', "line 2"),
        (HEAD + b'{"error":"rpc_error","method":"x","params":[],"result":1}\n', "line 2"),
        (HEAD + b'{"method":"x","params":[],"result":1.5}\n', "line 2"),
        (HEAD + b'{"method":"x","params":[],"result":9007199254740992}\n', "line 2"),
        (HEAD + b'{"method":"x", "params":[],"result":1}\n', "line 2"),
        (HEAD + b'{"params":[],"method":"x","result":1}\n', "line 2"),
        (HEAD + b'{"method":"x","params":[],"result":1}\r\n', "line 2"),
        (HEAD + HEAD, "line 2"),
    ],
)
def test_other_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ChainError, match=message):
        decode_log(data, "f")


def test_size_and_line_length_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_LINE_BYTES", 60)
    with pytest.raises(ChainError, match="line 2"):
        decode_log(FILE, "f")
    monkeypatch.setattr(recording, "MAX_LOG_BYTES", len(FILE) - 1)
    with pytest.raises(ChainError, match=f"f: recording of {len(FILE)} bytes, the limit is"):
        decode_log(FILE, "f")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
calls = st.builds(Call, st.text(), st.lists(json_values, max_size=3).map(tuple))
exchanges = st.builds(Exchange, calls, json_values) | st.builds(
    Exchange, calls, error=st.sampled_from(["unreachable", "not_recorded"])
)
logs = st.builds(SourceLog, st.text(), st.text(), st.lists(exchanges, max_size=4).map(tuple))


@given(logs)
def test_any_log_survives_writing_and_reading(log: SourceLog) -> None:
    assert decode_log(encode_log(CHAIN, log), "f") == (CHAIN, log)


@given(st.binary(max_size=120))
def test_nothing_but_chain_error_escapes(data: bytes) -> None:
    for file in (data, HEAD + data + b"\n"):
        try:
            decode_log(file, "f")
        except ChainError:
            continue


def test_a_recording_answers_what_it_holds_in_order() -> None:
    first, second = Exchange(CODE, "0x1"), Exchange(CODE, "0x2")
    source = RecordedSource(SourceLog("node-1", "acme", (first, Exchange(BALANCE, "0x9"), second)))
    assert (source.name, source.operator) == ("node-1", "acme")
    assert (first, Exchange(BALANCE, "0x9")) == source.ask([CODE, BALANCE])
    assert (second,) == source.ask([CODE])
    assert (second, second) == source.ask([CODE, CODE])


def test_a_recording_does_not_guess() -> None:
    source = RecordedSource(LOG)
    by_number = Call("eth_getBalance", ("0xab", "0x1"))
    truthy = Call("eth_getBalance", ("0xab", {"requireCanonical": 1, "blockHash": "0x01"}))
    for call in (by_number, truthy):
        assert (Exchange(call, error="not_recorded"),) == source.ask([call])


def test_a_recorder_keeps_what_it_asked_and_nothing_else() -> None:
    recorder = Recorder(RecordedSource(LOG))
    recorder.source.ask([CODE])
    assert recorder.log() == SourceLog("node-1", "acme", ())
    assert LOG.entries[:1] == recorder.ask([BALANCE])
    assert recorder.log() == SourceLog("node-1", "acme", LOG.entries[:1])
