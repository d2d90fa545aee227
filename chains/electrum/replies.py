"""What one line of an Electrum server says about the call it answers. Pure.

Replies are JSON-RPC 2.0: `jsonrpc` is `"2.0"`, exactly one of `result` and `error` is present. One
looseness: older servers give an error as text alone, which is an error all the same.

Two kinds of error are told apart from the node's final word. Some pass with time: aiorpcX, on which
ElectrumX and e-x stand, sends -101 when a client has used too much and -102 when a request waited
too long. Others say that the answer would be larger than the server is set to send, which an
exchange's busy addresses meet: e-x has a code for it (10001), the rest have only their words, so
that their words are read here. Nothing but the code of ours leaves this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chains.evidence import Exchange
from chains.jsonrpc import PASSING_CODES
from chains.wire import decode_json

if TYPE_CHECKING:
    from chains.evidence import Call, ErrorCode, Json

ERROR_CODES: dict[int, ErrorCode] = {
    **PASSING_CODES,
    -101: "throttled",  # aiorpcX 0.25, jsonrpc.py, EXCESSIVE_RESOURCE_USAGE
    -102: "throttled",  # aiorpcX 0.25, jsonrpc.py, SERVER_BUSY
    10001: "too_large",  # e-x 2.0, server/session.py, RPC_ERROR_HISTORY_TOO_LONG
}
"""Error codes of servers that mean something else than the server's final word."""

MAX_READ = 500
"""Characters of an error's text that are looked at; the words stand near its beginning."""

# ElectrumX and aiorpcX, Blockstream's electrs (two), Fulcrum, older electrs, in this order.
_TOO_LARGE = re.compile(
    r"(?:history|response) too large|too many history entries|response line exceeds"
    r"|exceeds max ?history|query may take a long time",
    re.IGNORECASE,
)


def read_line(line: bytes) -> dict[str, Json] | None:
    """Read a line; give None if it is not a JSON object."""
    try:
        item = decode_json(line)
    except ValueError:
        return None
    return item if isinstance(item, dict) else None


def is_notification(item: dict[str, Json]) -> bool:
    """Tell what a server sends unasked: a method, and no id at all."""
    return "id" not in item and isinstance(item.get("method"), str)


def read_item(call: Call, item: dict[str, Json]) -> Exchange:
    """Give the exchange of a call from the object that came back under its id."""
    if item.get("jsonrpc") != "2.0" or ("result" in item) == ("error" in item):
        return Exchange(call, error="bad_reply")
    if "result" in item:
        return Exchange(call, result=item["result"])
    error = item["error"]
    if isinstance(error, dict):
        return Exchange(call, error=_error_code(error.get("code"), error.get("message")))
    if isinstance(error, str):
        return Exchange(call, error=_error_code(None, error))
    return Exchange(call, error="bad_reply")


def _error_code(code: Json, message: Json) -> ErrorCode:
    # `True == 1` in Python: only a real int is a code.
    if type(code) is int and code in ERROR_CODES:
        return ERROR_CODES[code]
    return "too_large" if too_large(message) else "rpc_error"


def too_large(message: Json) -> bool:
    """Tell whether an error's text says that the answer would be over the server's limit."""
    return isinstance(message, str) and _TOO_LARGE.search(message[:MAX_READ]) is not None
