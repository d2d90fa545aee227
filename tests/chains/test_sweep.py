from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Call, Column, Exchange, Sweep
from chains.recording import RecordedSource, Recorder, decode_entry, decode_log, encode_entry
from chains.recording import encode_log as write
from chains.sweep import collect, expand, silent, spread, swept, unanswered
from config.caip import ChainId

if TYPE_CHECKING:
    from chains.evidence import ErrorCode, Json, ProtocolName

BLOCK: Json = {"blockHash": "0x01", "requireCanonical": True}
BALANCES = Call("eth_getBalance", ("@", BLOCK))
HOLDINGS = Call("eth_call", ({"data": "0x70a08231@", "to": "0xcc"}, "0x1"))
CONTROL = Call("eth_call", ({"data": "0x43"}, "0x1"))
SWEEP = Sweep(BALANCES, ("0xa", "0xb", "0xc"), (CONTROL,))
COLUMN = Column(SWEEP, (Exchange(CONTROL, "0x7"),), ("0x1", None, "0x3"), ((1, "rpc_error"),))
LINE = (
    b'{"each":["0xa","0xb","0xc"],"errors":{"1":"rpc_error"},'
    b'"lead":[{"method":"eth_call","params":[{"data":"0x43"},"0x1"],"result":"0x7"}],'
    b'"method":"eth_getBalance","params":["@",{"blockHash":"0x01","requireCanonical":true}],'
    b'"results":["0x1",null,"0x3"]}'
)


def test_a_sweep_is_asked_as_single_calls_behind_its_lead() -> None:
    assert expand(SWEEP) == (
        CONTROL,
        Call("eth_getBalance", ("0xa", BLOCK)),
        Call("eth_getBalance", ("0xb", BLOCK)),
        Call("eth_getBalance", ("0xc", BLOCK)),
    )
    assert expand(Sweep(HOLDINGS, ("ee",))) == (
        Call("eth_call", ({"data": "0x70a08231ee", "to": "0xcc"}, "0x1")),
    )
    nested = Sweep(Call("m", (1, ("x", {"y": "<@>"}))), ("s",))
    assert expand(nested) == (Call("m", (1, ("x", {"y": "<s>"}))),)


@pytest.mark.parametrize("params", [(), ("x",), ("@", "@"), ("@@",), ({"a": "@", "b": "@"},), (1,)])
def test_a_template_has_one_hole(params: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="must have one '@'"):
        expand(Sweep(Call("m", params), ("a",)))


def test_a_column_is_what_its_exchanges_were() -> None:
    assert collect(SWEEP, spread(COLUMN)) == COLUMN
    with pytest.raises(ValueError, match="2 answers for 3 subjects"):
        collect(SWEEP, spread(COLUMN)[:-1])


class Telling:
    name, operator = "node-1", "acme"
    protocol: ProtocolName = "json-rpc"

    def ask(self, calls: tuple[Call, ...]) -> tuple[Exchange, ...]:
        return tuple(Exchange(call, result=str(call.params[0])) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)  # type: ignore[arg-type]  # asked with tuples alone


def test_a_recorder_keeps_a_sweep_as_one_entry() -> None:
    recorder = Recorder(Telling())  # type: ignore[arg-type]  # asked with tuples alone
    column = recorder.sweep(Sweep(BALANCES, ("0xa", "0xb")))
    assert column.results == ("0xa", "0xb")
    assert recorder.log().entries == (column,)


def test_a_column_is_written_as_the_format_says() -> None:
    assert encode_entry(COLUMN) == LINE
    assert decode_entry(LINE) == COLUMN


def test_every_changed_byte_of_a_line_is_refused_or_changes_the_column() -> None:
    for place in range(len(LINE)):
        for change in (1, 2, 32, 128):
            data = bytearray(LINE)
            data[place] ^= change
            try:
                found = decode_entry(bytes(data))
            except ValueError:
                continue
            assert found != COLUMN
            assert encode_entry(found) == bytes(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"each":["0xa","0xb","0xc"]', '"each":[]'),
        ('"each":["0xa","0xb","0xc"]', '"each":["0xa","0xb"]'),
        ('"each":["0xa","0xb","0xc"]', '"each":["0xa","0xb",3]'),
        ('"each":["0xa","0xb","0xc"]', '"each":"abc"'),
        ('"errors":{"1":"rpc_error"},', '"errors":{},'),
        ('"errors":{"1":"rpc_error"},', '"errors":[],'),
        ('"errors":{"1":"rpc_error"},', '"errors":{"0":"rpc_error","1":"rpc_error"},'),
        ('"errors":{"1":"rpc_error"},', '"errors":{"3":"rpc_error"},'),
        ('"errors":{"1":"rpc_error"},', '"errors":{"01":"rpc_error"},'),
        ('"errors":{"1":"rpc_error"},', '"errors":{"1":"odd"},'),
        ('"errors":{"1":"rpc_error"},', '"errors":{"1":null},'),
        ('["@",', '["0xa",'),
        ('["@",', '["@@",'),
        ('"results":["0x1",null,"0x3"]', '"results":["0x1",null]'),
        ('"results":["0x1",null,"0x3"]', '"results":"0x1"'),
        ('"result":"0x7"', '"more":1,"result":"0x7"'),
    ],
)
def test_other_columns_are_refused(old: str, new: str) -> None:
    assert old in LINE.decode()
    with pytest.raises(ValueError, match=r".+"):
        decode_entry(LINE.decode().replace(old, new).encode())


def test_a_lead_that_is_there_is_not_empty() -> None:
    start, end = LINE.index(b'"lead"'), LINE.index(b'"method":"eth_getBalance"')
    for lead in (b'"lead":[],', b'"lead":{},', b'"lead":[1],', b'"more":[],'):
        with pytest.raises(ValueError, match=r".+"):
            decode_entry(LINE[:start] + lead + LINE[end:])
    assert isinstance(decode_entry(LINE[:start] + LINE[end:]), Column)


def recorded(*columns: Column) -> RecordedSource:
    recorder = Recorder(Telling())  # type: ignore[arg-type]  # asked with tuples alone
    log = recorder.log()
    data = write(ChainId("eip155:1"), type(log)(log.name, log.operator, columns))
    return RecordedSource(decode_log(data, "f")[1])


def test_a_recording_answers_a_sweep_however_it_is_cut() -> None:
    source = recorded(COLUMN)
    assert source.sweep(SWEEP) == COLUMN
    two = source.sweep(Sweep(BALANCES, ("0xc", "0xd"), (CONTROL,)))
    assert (two.results, two.errors) == (("0x3", None), ((1, "not_recorded"),))
    assert two.lead == COLUMN.lead
    other = source.sweep(Sweep(HOLDINGS, ("0xa",), (CONTROL,)))
    assert (other.results, other.errors) == ((None,), ((0, "not_recorded"),))
    assert other.lead == (Exchange(CONTROL, error="not_recorded"),)


def test_answers_behind_different_leads_are_not_put_together() -> None:
    later = Column(Sweep(BALANCES, ("0xd",), (CONTROL,)), (Exchange(CONTROL, "0x8"),), ("0x4",))
    found = recorded(COLUMN, later).sweep(Sweep(BALANCES, ("0xa", "0xd"), (CONTROL,)))
    assert (found.lead, found.results) == (COLUMN.lead, ("0x1", None))
    assert found.errors == ((1, "not_recorded"),)


def test_a_result_outweighs_an_error_and_two_results_are_none() -> None:
    again = Column(Sweep(BALANCES, ("0xb", "0xa"), (CONTROL,)), COLUMN.lead, ("0x2", "0x9"))
    source = recorded(COLUMN, again)
    assert source.sweep(Sweep(BALANCES, ("0xb",), (CONTROL,))).results == ("0x2",)
    log = recorded(COLUMN, again)._index  # noqa: SLF001 - the index is what recheck reads
    assert log.answers(BALANCES)["0xa"].fault == "malformed_answer"
    assert log.answers(BALANCES)["0xb"].fault is None
    assert log.answers(HOLDINGS) == {}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
results = st.none() | st.integers(-5, 5) | texts | st.lists(texts, max_size=2).map(tuple)


@given(
    st.lists(st.tuples(texts, results, st.booleans()), min_size=1),
    st.sampled_from([(), COLUMN.lead]),
)
def test_any_column_survives_writing_and_reading(
    rows: list[tuple[str, tuple[str, ...] | str | int | None, bool]], lead: tuple[Exchange, ...]
) -> None:
    sweep = Sweep(BALANCES, tuple(row[0] for row in rows), tuple(item.call for item in lead))
    errors = tuple((at, "bad_reply") for at, row in enumerate(rows) if row[2])
    column = Column(sweep, lead, tuple(None if row[2] else row[1] for row in rows), errors)  # type: ignore[arg-type]  # a literal
    assert decode_entry(encode_entry(column)) == column


@pytest.mark.parametrize(
    ("codes", "without", "lost"),
    [
        (("unreachable", "throttled", "no_reply"), True, True),
        (("unreachable", "rpc_error", "no_reply"), True, False),
        (("rpc_error", "rpc_error", "rpc_error"), True, False),
        (("unreachable", None, "unreachable"), False, False),
        ((None, None, None), False, False),
    ],
)
def test_silence_is_told_from_refusal(
    codes: tuple[ErrorCode | None, ...], *, without: bool, lost: bool
) -> None:
    errors = tuple((at, code) for at, code in enumerate(codes) if code is not None)
    results = tuple("0x1" if code is None else None for code in codes)
    column = Column(SWEEP, (), results, errors)
    assert (without, lost) == (unanswered(column), silent(column))
