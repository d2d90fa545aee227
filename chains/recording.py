"""Recorded answers of a source: written as a file, read back, and asked as if they were the node.

A reader wraps each source in a `Recorder` for a reading; a reading that is started over begins with
new ones, so that evidence is of the final reading only. The file is JSON lines, each RFC 8785 (the
form is in `chains.evidence`). Reading is strict: a file is taken only if writing what was read
gives the same bytes, so that one log has one file and any changed byte is seen.

The same question may be recorded several times, a block's hash before and after the balances for
example. `RecordedSource` gives the answers in the order of the file, and the last one stays. A
sweep is answered subject by subject, however it was cut into columns when it was recorded.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, cast, get_args

from chains.errors import ChainError
from chains.evidence import Call, Column, ErrorCode, Exchange, ProtocolName, SourceLog, Sweep
from chains.index import index_log, question_key
from chains.sharing import Shared
from chains.sweep import holes
from chains.wire import decode_json, encode_json
from config.caip import ChainId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Entry, Json, Source
    from chains.index import QuestionKey

MAX_LOG_BYTES = 1 << 29
"""512 MiB: some seven million balances of one source. The whole log is held in memory."""

MAX_LINE_BYTES = 1 << 27
"""128 MiB, as much as one reply may have on the wire (`chains.transport`)."""

_ERRORS = frozenset(get_args(ErrorCode))
_PROTOCOLS = frozenset(get_args(ProtocolName))
_PLAIN: ProtocolName = "json-rpc"
"""The protocol of a log whose head names none."""
_COLUMN_KEYS = frozenset({"each", "errors", "lead", "method", "params", "results"})
_PLACE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def encode_log(chain: ChainId, log: SourceLog) -> bytes:
    """Write a log as a file.

    Args:
        chain: the chain the source was asked about.
        log: what was recorded.
    """
    head: dict[str, Json] = {"chain": chain, "operator": log.operator, "source": log.name}
    if log.protocol != _PLAIN:
        head["protocol"] = log.protocol
    lines = [encode_json(head), *(encode_entry(entry) for entry in log.entries)]
    return b"".join(line + b"\n" for line in lines)


def decode_log(data: bytes, name: str, shared: Shared | None = None) -> tuple[ChainId, SourceLog]:
    """Read a file that `encode_log` wrote.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        shared: what was met in other logs of the same reading, to which this one adds.

    Returns:
        The chain the file names, and the log.

    Raises:
        ChainError: the file is not exactly what `encode_log` writes, is over a limit, or holds a
            question that is not of its protocol.
    """
    if len(data) > MAX_LOG_BYTES:
        raise ChainError(f"{name}: recording of {len(data)} bytes, the limit is {MAX_LOG_BYTES}")
    rest = len(data) - data.rfind(b"\n") - 1
    if rest or not data:
        raise ChainError(f"{name}: recording is cut off: {rest} bytes after the last line end")
    # One by one: a list of them would be eight times a file of nothing but line ends.
    lines = (line[:-1] for line in BytesIO(data))
    try:
        chain, source, operator, protocol = _head(_object(next(lines)))
    except ValueError as error:
        raise ChainError(f"{name}: line 1 is not the head of a recording") from error
    met = shared or Shared()
    entries = tuple(met.entry(_read(line, number, name)) for number, line in enumerate(lines, 2))
    for number, entry in enumerate(entries, 2):
        if {_protocol_of(call) for call in _calls(entry)} != {protocol}:
            raise ChainError(f"{name}: line {number} is no question of protocol {protocol}")
    return chain, SourceLog(source, operator, entries, protocol)


def encode_entry(entry: Entry) -> bytes:
    """Write one line of a log, without its end."""
    line = _exchange_line(entry) if isinstance(entry, Exchange) else _column_line(entry)
    return encode_json(line)


def decode_entry(line: bytes) -> Entry:
    """Read one line of a log; raise ValueError if it is not what `encode_entry` writes."""
    found = _object(line)
    return _column(found) if "each" in found else _exchange(found)


class Recorder:
    """Keeps every exchange; what must not be evidence is asked of `source` itself."""

    def __init__(self, source: Source) -> None:
        """Start with nothing kept."""
        self.name = source.name
        self.operator = source.operator
        self.protocol = source.protocol
        self.source = source
        self._kept: list[Entry] = []

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Ask the source and keep what it gives."""
        exchanges = self.source.ask(calls)
        self._kept += exchanges
        return exchanges

    def sweep(self, sweep: Sweep) -> Column:
        """Ask the source and keep what it gives as one column."""
        column = self.source.sweep(sweep)
        self._kept.append(column)
        return column

    def keep(self, entries: Sequence[Entry]) -> None:
        """Keep what was asked of `source` itself, in the form in which it is evidence."""
        self._kept += entries

    def log(self) -> SourceLog:
        """Give everything kept so far."""
        return SourceLog(self.name, self.operator, tuple(self._kept), self.protocol)


class RecordedSource:
    """A log asked as if it were the node; a question it does not hold is `not_recorded`."""

    def __init__(self, log: SourceLog) -> None:
        """Prepare to answer from a log."""
        self.name = log.name
        self.operator = log.operator
        self.protocol = log.protocol
        self._index = index_log(log)
        self._given: dict[QuestionKey, int] = {}

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give the recorded exchange of each call, in the order of the calls."""
        return tuple(self._answer(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        """Give the recorded answer of each subject, in the order of the subjects."""
        answers = self._index.answers(sweep.template)
        found = [answers.get(subject) for subject in sweep.subjects]
        ahead = next((answer.lead for answer in found if answer is not None), ())
        errors: list[tuple[int, ErrorCode]] = []
        results: list[Json] = []
        for at, answer in enumerate(found):
            # Answers that came behind different leads were not given by one state of the source.
            known = answer is not None and answer.lead == ahead
            error = answer.error if answer is not None and known else "not_recorded"
            results.append(answer.result if answer is not None and error is None else None)
            if error is not None:
                errors.append((at, error))
        return Column(sweep, self._lead(sweep, ahead), tuple(results), tuple(errors))

    def _lead(self, sweep: Sweep, ahead: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        known = {question_key(exchange.call): exchange for exchange in ahead}
        return tuple(
            known.get(question_key(call)) or Exchange(call, error="not_recorded")
            for call in sweep.lead
        )

    def _answer(self, call: Call) -> Exchange:
        exchanges = self._index.exchanges(call)
        if not exchanges:
            return Exchange(call, error="not_recorded")
        key = question_key(call)
        turn = self._given.get(key, 0)
        self._given[key] = turn + 1
        return exchanges[min(turn, len(exchanges) - 1)]


def _exchange_line(exchange: Exchange) -> Json:
    call = exchange.call
    line: dict[str, Json] = {"method": call.method, "params": call.params}
    if exchange.error is not None:
        return line | {"error": exchange.error}
    return line | {"result": exchange.result}


def _column_line(column: Column) -> Json:
    line: dict[str, Json] = {
        "each": column.sweep.subjects,
        "method": column.call.method,
        "params": column.call.params,
        "results": column.results,
    }
    if column.errors:
        line["errors"] = {str(at): code for at, code in column.errors}
    if column.lead:
        line["lead"] = tuple(_exchange_line(exchange) for exchange in column.lead)
    return line


def _read(line: bytes, number: int, name: str) -> Entry:
    try:
        return decode_entry(line)
    except ValueError as error:
        raise ChainError(f"{name}: line {number} is not a recorded exchange") from error


def _object(line: bytes) -> dict[str, Json]:
    """Read one line; raise ValueError if it is not the canonical form of a JSON object."""
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"line of {len(line)} bytes, the limit is {MAX_LINE_BYTES}")
    value = decode_json(line)
    if not isinstance(value, dict) or encode_json(value) != line:
        raise ValueError("not an object in RFC 8785 form")
    return value


def _head(line: dict[str, Json]) -> tuple[ChainId, str, str, ProtocolName]:
    """Read the head; a log has one, so the protocol that goes without saying is never said."""
    if line.keys() - {"protocol"} != {"chain", "operator", "source"}:
        raise ValueError(f"keys {sorted(line)}")
    chain, source, operator = line["chain"], line["source"], line["operator"]
    if not (isinstance(chain, str) and isinstance(source, str) and isinstance(operator, str)):
        raise ValueError("text expected")  # noqa: TRY004 - the file is wrong, not a caller
    protocol = line.get("protocol", _PLAIN)
    if protocol not in _PROTOCOLS or ("protocol" in line and protocol == _PLAIN):
        raise ValueError("not a protocol that must be named")
    return ChainId(chain), source, operator, cast("ProtocolName", protocol)


def _calls(entry: Entry) -> tuple[Call, ...]:
    """Give the questions of an entry, one for all subjects of a column."""
    if isinstance(entry, Exchange):
        return (entry.call,)
    return (*entry.sweep.lead, entry.call)


def _protocol_of(call: Call) -> ProtocolName:
    """Tell the protocol that has a method."""
    if call.method == "GET":
        return "esplora"
    return "electrum" if call.method.startswith(("server.", "blockchain.")) else _PLAIN


def _exchange(line: dict[str, Json]) -> Exchange:
    error = line.get("error")
    if line.keys() != {"method", "params", "result" if error is None else "error"}:
        raise ValueError(f"keys {sorted(line)}")
    call = _call(line)
    if error is None:
        return Exchange(call, result=line["result"])
    return Exchange(call, error=_error_code(error))


def _call(line: dict[str, Json]) -> Call:
    method, params = line["method"], line["params"]
    if not isinstance(method, str) or not isinstance(params, tuple):
        raise ValueError("call expected")  # noqa: TRY004 - the file is wrong, not a caller
    return Call(method, params)


def _error_code(error: Json) -> ErrorCode:
    if not isinstance(error, str) or error not in _ERRORS:
        raise ValueError("error is not a code of ours")
    return cast("ErrorCode", error)


def _column(line: dict[str, Json]) -> Column:
    """Read a column; each place has a result or an error, and nothing stands empty."""
    if not {"each", "method", "params", "results"} <= line.keys() <= _COLUMN_KEYS:
        raise ValueError(f"keys {sorted(line)}")
    template, each, results = _call(line), line["each"], line["results"]
    if not isinstance(each, tuple) or not each or sum(map(holes, template.params)) != 1:
        raise ValueError("column without subjects, or without one place for them")
    if not isinstance(results, tuple) or len(results) != len(each):
        raise ValueError("column without one result a subject")
    subjects = tuple([subject for subject in each if isinstance(subject, str)])
    if len(subjects) != len(each):
        raise ValueError("subject that is not text")
    lead = tuple(_exchange(_member(item)) for item in _listed(line, "lead"))
    sweep = Sweep(template, subjects, tuple(exchange.call for exchange in lead))
    return Column(sweep, lead, results, _errors(line, results))


def _errors(line: dict[str, Json], results: tuple[Json, ...]) -> tuple[tuple[int, ErrorCode], ...]:
    given = _member(line.get("errors", {}))
    if "errors" in line and not given:
        raise ValueError("errors that are none")
    if any(_PLACE.fullmatch(place) is None for place in given):
        raise ValueError("error whose place is not a number")
    errors = sorted((int(place), _error_code(code)) for place, code in given.items())
    if any(at >= len(results) or results[at] is not None for at, _ in errors):
        raise ValueError("error where there is a result, or no subject")
    return tuple(errors)


def _listed(line: dict[str, Json], key: str) -> tuple[Json, ...]:
    value = line.get(key, ())
    if not isinstance(value, tuple) or (key in line and not value):
        raise ValueError(f"{key} must be a list that is not empty")
    return value


def _member(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ValueError("object expected")  # noqa: TRY004 - the file is wrong, not a caller
    return value
