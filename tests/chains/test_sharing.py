"""Equal parts of a log are one value, and the log is what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evidence import Call, Column, Exchange, SourceLog, Sweep
from chains.recording import decode_log, encode_log
from chains.sharing import Shared
from config.caip import ChainId

if TYPE_CHECKING:
    from chains.evidence import Entry, Json

CHAIN = ChainId("eip155:1")


def block() -> dict[str, Json]:
    return {"blockHash": "0x" + "ab" * 32}


def column(*results: Json) -> Column:
    subjects = tuple(f"0x{number}" for number in range(len(results)))
    return Column(Sweep(Call("eth_getBalance", ("@", block())), subjects), (), results)


def exchange(result: Json, *params: Json) -> Exchange:
    return Exchange(Call("eth_getCode", (*params, block())), result)


def reread(*entries: Entry) -> tuple[Entry, ...]:
    log = SourceLog("node-1", "a", entries)
    assert (CHAIN, log) == decode_log(encode_log(CHAIN, log), "bench")
    return decode_log(encode_log(CHAIN, log), "bench")[1].entries


def test_columns_about_the_same_subjects_hold_them_once() -> None:
    first, second = reread(column("0x1", "0x2"), column("0x1", "0x3"))

    assert isinstance(first, Column)
    assert isinstance(second, Column)
    assert first.sweep.subjects is second.sweep.subjects
    assert first.results[0] is second.results[0]
    assert first.call.params[1] is second.call.params[1]


def test_two_logs_share_what_they_are_given() -> None:
    shared = Shared()
    data = encode_log(CHAIN, SourceLog("node-1", "a", (column("0x1" * 9, None),)))
    (one,), (other,) = (decode_log(data, "bench", shared)[1].entries for _ in range(2))

    assert isinstance(one, Column)
    assert isinstance(other, Column)
    assert one == other
    assert one.results is other.results


def test_single_answers_share_their_block() -> None:
    first, second = reread(exchange("0x", "0xa"), exchange("0x", "0xb"))

    assert isinstance(first, Exchange)
    assert isinstance(second, Exchange)
    assert first.call.params[1] is second.call.params[1]
    assert first.result is second.result


def test_numbers_and_truths_stay_what_they_are() -> None:
    answers = (
        exchange(1, True),
        exchange(True, 1),
        exchange({"a": 1}),
        exchange({"a": True}),
        exchange({"a": "1"}),
        column(1, True),
        column(True, 1),
        column({"a": "1"}, ("1",)),
    )
    found = reread(*answers)

    assert [repr(one) for one in answers] == [repr(one) for one in found]
