"""JSON-RPC: requests as bytes, and replies checked item by item. No network here.

What a reply is worth is decided by its ids. Ids are unique over a source's life, so that a late
answer to an earlier request matches nothing. An item is taken only if its id was sent and came back
once; then it can be an answer to that call or to none, and no other item's fault moves it to a
neighbour. Matching by position, which some client libraries do after sorting, shifts balances when
one reply is dropped.

- an id that was not sent: the whole reply is `bad_reply`, since the node answered something else;
- an id that came back twice, or not at all: that call is `no_reply`;
- an item without the form of a reply: that call is `bad_reply`;
- one error object in place of a batch: every call is `batch_refused`, unless the error is one that
  passes. The transport then sends smaller batches.

A value under the wrong id cannot be seen here: a second source or a state proof shows it.

Two dialects. `2.0` is JSON-RPC 2.0 to the letter: `jsonrpc` is `"2.0"`, exactly one of `result` and
`error` is present. `core` is what nodes of the Bitcoin Core family answer to JSON-RPC 1.0: exactly
`result`, `error` and `id`, with `result` null if `error` is not. A null result is an answer, and
each decoder judges it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.evidence import Exchange
from chains.wire import decode_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, ErrorCode, Json

Dialect: TypeAlias = Literal["2.0", "core"]

PASSING_CODES: dict[int, ErrorCode] = {
    -32005: "throttled",  # EIP-1474, "limit exceeded"
    429: "throttled",  # providers that put the HTTP status into the error object
    -28: "unreachable",  # Bitcoin Core, RPC_IN_WARMUP: the node is still loading
}
"""Error codes of nodes that pass with time; every other error object is the node's final word."""

CORE_ERROR_STATUSES = frozenset({400, 403, 404, 500})
"""HTTP statuses with which nodes of the Bitcoin Core family send an error to a single call."""

_COMPACT = json.JSONEncoder(separators=(",", ":"), check_circular=False)
_PLAIN_ITEM = re.compile(
    rb'(\{"jsonrpc":"2\.0","id":([1-9][0-9]{0,14}),"result":"([0-9A-Za-z]*)"\})'
)
_CORE_MEMBERS = frozenset({"result", "error", "id"})


@dataclass(frozen=True, slots=True)
class JsonRpc:
    """JSON-RPC posted to one path: the `Form` of `chains.transport`."""

    dialect: Dialect

    @property
    def error_statuses(self) -> frozenset[int]:
        """The statuses under which this dialect's nodes send error objects."""
        return CORE_ERROR_STATUSES if self.dialect == "core" else frozenset()

    def write(self, calls: Sequence[Call], ids: Sequence[int]) -> tuple[str, bytes]:
        """Give an empty path and the request; raise ValueError as `encode_request` does."""
        return "", encode_request(calls, ids, self.dialect)

    def read(self, body: bytes, calls: Sequence[Call], ids: Sequence[int]) -> tuple[Exchange, ...]:
        """Give one exchange a call."""
        return read_reply(body, calls, ids, self.dialect)

    def read_errors(
        self, body: bytes, calls: Sequence[Call], ids: Sequence[int]
    ) -> tuple[Exchange, ...] | None:
        """Give one error a call, or None if the body holds anything else."""
        exchanges = read_reply(body, calls, ids, self.dialect)
        told = all(item.error not in {None, "bad_reply", "no_reply"} for item in exchanges)
        return exchanges if told else None


def encode_request(calls: Sequence[Call], ids: Sequence[int], dialect: Dialect) -> bytes:
    """Write a request: a plain object for one call, a batch for several.

    Raises:
        ValueError: there are no calls (JSON-RPC has no empty batch), or not one id a call.
    """
    if not calls:
        raise ValueError("json-rpc request without calls")
    version = "2.0" if dialect == "2.0" else "1.0"
    items = [
        {"jsonrpc": version, "id": number, "method": call.method, "params": call.params}
        for call, number in zip(calls, ids, strict=True)
    ]
    return _COMPACT.encode(items if len(items) > 1 else items[0]).encode()


def read_reply(
    body: bytes, calls: Sequence[Call], ids: Sequence[int], dialect: Dialect
) -> tuple[Exchange, ...]:
    """Give one exchange a call, in the order of the calls, whatever the body holds.

    Args:
        body: the HTTP response's body.
        calls: what `encode_request` was given.
        ids: the same.
        dialect: the same.
    """
    plain = _read_plain(body, calls, ids) if dialect == "2.0" else None
    if plain is not None:
        return plain
    try:
        document = decode_json(body)
    except ValueError:
        return all_failed(calls, "bad_reply")
    refusal = _refusal(document, single=len(calls) == 1)
    if refusal is not None:
        return all_failed(calls, refusal)
    items = document if len(calls) > 1 else (document,)
    if not isinstance(items, tuple):
        return all_failed(calls, "bad_reply")
    return _match(items, calls, ids, dialect)


def _read_plain(
    body: bytes, calls: Sequence[Call], ids: Sequence[int]
) -> tuple[Exchange, ...] | None:
    """Read a batch that came back without any fault, in the very form most nodes write it.

    Its result is that of the whole reading, in a third of the time; any other body gives None. A
    text of digits and letters alone is the same in JSON and as it stands.
    """
    items = _PLAIN_ITEM.findall(body)
    if b"[%b]" % b",".join([item for item, _, _ in items]) != body.rstrip(b"\n"):
        return None
    found = {int(number): text.decode() for _, number, text in items}
    if len(items) != len(found) or len(calls) < 2 or found.keys() != set(ids):  # noqa: PLR2004 - one is no batch
        return None
    return tuple([Exchange(call, found[number]) for call, number in zip(calls, ids, strict=True)])


def all_failed(calls: Sequence[Call], code: ErrorCode) -> tuple[Exchange, ...]:
    """Give every call the same error."""
    return tuple(Exchange(call, error=code) for call in calls)


def _refusal(document: Json, *, single: bool) -> ErrorCode | None:
    """Recognise one error object that stands for the whole request.

    JSON-RPC 2.0, section 5: the id of a request that could not be read comes back as null.
    """
    if not isinstance(document, dict) or document.get("result") is not None:
        return None
    if single and document.get("id") is not None:
        return None
    error = document.get("error")
    if not isinstance(error, dict):
        return None
    code = _error_code(error)
    return "batch_refused" if code == "rpc_error" and not single else code


def _match(
    items: tuple[Json, ...], calls: Sequence[Call], ids: Sequence[int], dialect: Dialect
) -> tuple[Exchange, ...]:
    sent = frozenset(ids)
    by_id: dict[int, dict[str, Json] | None] = {}
    for item in items:
        number = item.get("id") if isinstance(item, dict) else None
        # `True == 1` in Python: only a real int is an id of ours.
        if not isinstance(item, dict) or type(number) is not int or number not in sent:
            return all_failed(calls, "bad_reply")
        by_id[number] = None if number in by_id else item
    return tuple(
        [
            _exchange(call, by_id.get(number), dialect)
            for call, number in zip(calls, ids, strict=True)
        ]
    )


def _exchange(call: Call, item: dict[str, Json] | None, dialect: Dialect) -> Exchange:
    """Give what a call was answered; None: nothing, or two things."""
    if item is None:
        return Exchange(call, error="no_reply")
    if not _well_formed(item, dialect):
        return Exchange(call, error="bad_reply")
    error = item.get("error")
    if isinstance(error, dict):
        return Exchange(call, error=_error_code(error))
    return Exchange(call, result=item["result"])


def _well_formed(item: dict[str, Json], dialect: Dialect) -> bool:
    error = item.get("error")
    if dialect == "core":
        if item.keys() != _CORE_MEMBERS:
            return False
        return error is None or (isinstance(error, dict) and item["result"] is None)
    if item.get("jsonrpc") != "2.0" or ("result" in item) == ("error" in item):
        return False
    return "result" in item or isinstance(error, dict)


def _error_code(error: dict[str, Json]) -> ErrorCode:
    code = error.get("code")
    return PASSING_CODES.get(code, "rpc_error") if type(code) is int else "rpc_error"
