"""Recorded answers of a source: written as a file, read back, and asked as if they were the node.

A reader wraps each source in a `Recorder` for a reading; a reading that is started over begins with
new ones, so that evidence is of the final reading only. The file is JSON lines, each RFC 8785 (the
form is in `chains.evidence`). Reading is strict: a file is taken only if writing what was read
gives the same bytes, so that one log has one file and any changed byte is seen.

The same question may be recorded several times, a block's hash before and after the balances for
example. `RecordedSource` gives the answers in the order of the file, and the last one stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from chains.errors import ChainError
from chains.evidence import Call, ErrorCode, Exchange, SourceLog
from chains.index import index_exchanges, question_key
from chains.wire import decode_json, encode_json
from config.caip import ChainId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Json, Source
    from chains.index import QuestionKey

MAX_LOG_BYTES = 1 << 29
"""512 MiB: two million balances of one source. The whole log is held in memory."""

MAX_LINE_BYTES = 1 << 27
"""128 MiB, as much as one reply may have on the wire (`chains.transport`)."""

_ERRORS = frozenset(get_args(ErrorCode))


def encode_log(chain: ChainId, log: SourceLog) -> bytes:
    """Write a log as a file.

    Args:
        chain: the chain the source was asked about.
        log: what was recorded.
    """
    head: Json = {"chain": chain, "operator": log.operator, "source": log.name}
    lines = [head, *(_line(exchange) for exchange in log.exchanges)]
    return b"".join(encode_json(line) + b"\n" for line in lines)


def decode_log(data: bytes, name: str) -> tuple[ChainId, SourceLog]:
    """Read a file that `encode_log` wrote.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.

    Returns:
        The chain the file names, and the log.

    Raises:
        ChainError: the file is not exactly what `encode_log` writes, or is over a limit.
    """
    if len(data) > MAX_LOG_BYTES:
        raise ChainError(f"{name}: recording of {len(data)} bytes, the limit is {MAX_LOG_BYTES}")
    *lines, rest = data.split(b"\n")
    if rest or not lines:
        raise ChainError(f"{name}: recording is cut off: {len(rest)} bytes after the last line end")
    try:
        chain, source, operator = _head(_object(lines[0]))
    except ValueError as error:
        raise ChainError(f"{name}: line 1 is not the head of a recording") from error
    exchanges = [_read(line, number, name) for number, line in enumerate(lines[1:], 2)]
    return chain, SourceLog(source, operator, tuple(exchanges))


class Recorder:
    """Keeps every exchange; what must not be evidence is asked of `source` itself."""

    def __init__(self, source: Source) -> None:
        """Start with nothing kept."""
        self.name = source.name
        self.operator = source.operator
        self.source = source
        self._kept: list[Exchange] = []

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Ask the source and keep what it gives."""
        exchanges = self.source.ask(calls)
        self._kept += exchanges
        return exchanges

    def log(self) -> SourceLog:
        """Give everything kept so far."""
        return SourceLog(self.name, self.operator, tuple(self._kept))


class RecordedSource:
    """A log asked as if it were the node; a question it does not hold is `not_recorded`."""

    def __init__(self, log: SourceLog) -> None:
        """Prepare to answer from a log."""
        self.name = log.name
        self.operator = log.operator
        self._exchanges = log.exchanges
        self._places = index_exchanges(log.exchanges)
        self._given: dict[QuestionKey, int] = {}

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give the recorded exchange of each call, in the order of the calls."""
        return tuple(self._answer(call) for call in calls)

    def _answer(self, call: Call) -> Exchange:
        key = question_key(call)
        places = self._places.get(key)
        if places is None:
            return Exchange(call, error="not_recorded")
        turn = self._given.get(key, 0)
        self._given[key] = turn + 1
        return self._exchanges[places[min(turn, len(places) - 1)]]


def _line(exchange: Exchange) -> Json:
    call = exchange.call
    line: dict[str, Json] = {"method": call.method, "params": call.params}
    if exchange.error is not None:
        return line | {"error": exchange.error}
    return line | {"result": exchange.result}


def _read(line: bytes, number: int, name: str) -> Exchange:
    try:
        return _exchange(_object(line))
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


def _head(line: dict[str, Json]) -> tuple[ChainId, str, str]:
    if line.keys() != {"chain", "operator", "source"}:
        raise ValueError(f"keys {sorted(line)}")
    chain, source, operator = line["chain"], line["source"], line["operator"]
    if not (isinstance(chain, str) and isinstance(source, str) and isinstance(operator, str)):
        raise ValueError("text expected")  # noqa: TRY004 - the file is wrong, not a caller
    return ChainId(chain), source, operator


def _exchange(line: dict[str, Json]) -> Exchange:
    error = line.get("error")
    if line.keys() != {"method", "params", "result" if error is None else "error"}:
        raise ValueError(f"keys {sorted(line)}")
    method, params = line["method"], line["params"]
    if not isinstance(method, str) or not isinstance(params, tuple):
        raise ValueError("call expected")  # noqa: TRY004 - the file is wrong, not a caller
    if error is None:
        return Exchange(Call(method, params), result=line["result"])
    if not isinstance(error, str) or error not in _ERRORS:
        raise ValueError("error is not a code of ours")
    return Exchange(Call(method, params), error=cast("ErrorCode", error))
