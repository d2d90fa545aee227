"""An Esplora server as a source: its HTTP interface, one GET a call.

    Call("GET", ("/blocks/tip/height",))  ->  Exchange(call, result="840000")
    Call("GET", ("/tx/f4184f…/merkle-proof",))  ->  Exchange(call, result={"block_height": …})

The endpoint is `esplora+https://[user:password@]host[:port]/base`, or with `http`. Everything that
is said of `chains.transport` holds here: it does the asking. The interface is described in API.md
of Blockstream/esplora; these paths answer in plain text, every other in JSON: the tip's height and
hash, the hash at a height, a block's header, a transaction in hex. Text is given as it came, if it
is nothing but letters and digits; a page in HTML is no answer.

400 and 404 are the server's final word: a transaction that is not known, for example. What Esplora
refuses because it is too much has only words to tell it by, the same as in electrs' Electrum
interface (`chains.electrum.replies`). Pages are for the caller to follow.

A server that leaves several calls in a row without an answer is not asked for the rest: there are
no batches here, and every call would wait through all its attempts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chains.electrum.replies import MAX_READ, too_large
from chains.evidence import Exchange
from chains.jsonrpc import all_failed
from chains.pace import unpaced
from chains.sweep import swept
from chains.transport import DEFAULT_LIMITS, HttpSource
from chains.wire import decode_json
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Column, ProtocolName, Sweep
    from chains.transport import Endpoint, Limits

PREFIX = "esplora+"

PATIENCE = 3
"""Calls in a row that all their attempts left without an answer, after which the rest is not asked:
one path may be too heavy for a server, three in a row are a server that is away."""

_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)+", re.ASCII)
_TEXT_PATH = re.compile(
    r"/blocks/tip/(?:height|hash)|/block-height/[^/]+|/block/[^/]+/header|/tx/[^/]+/hex", re.ASCII
)
_TEXT = re.compile(rb"[0-9A-Za-z]+")


class EsploraForm:
    """The paths and answers of Esplora: the `Form` of `chains.transport`. One call a request."""

    error_statuses = frozenset({400, 404})

    def write(self, calls: Sequence[Call], ids: Sequence[int]) -> tuple[str, None]:
        """Give the path; raise ValueError if the call is no GET of one plain path."""
        del ids  # HTTP itself ties an answer to its question.
        (call,) = calls
        match call.method, call.params:
            case "GET", (str(path),) if _PATH.fullmatch(path):
                return path, None
        raise ValueError(f"not a GET of a path such as /blocks/tip/height: {call}")

    def read(self, body: bytes, calls: Sequence[Call], ids: Sequence[int]) -> tuple[Exchange, ...]:
        """Give the exchange of the one call."""
        del ids
        (call,) = calls
        if _TEXT_PATH.fullmatch(str(call.params[0])):
            text = _TEXT.fullmatch(body)
            return (Exchange(call, body.decode()) if text else Exchange(call, error="bad_reply"),)
        try:
            return (Exchange(call, decode_json(body)),)
        except ValueError:
            return all_failed(calls, "bad_reply")

    def read_errors(
        self, body: bytes, calls: Sequence[Call], ids: Sequence[int]
    ) -> tuple[Exchange, ...]:
        """Give the server's refusal."""
        del ids
        refusal = body[:MAX_READ].decode("ascii", "replace")
        return all_failed(calls, "too_large" if too_large(refusal) else "rpc_error")


class EsploraSource:
    """A `Source` over Esplora's HTTP interface; it keeps one connection open."""

    protocol: ProtocolName = "esplora"

    def __init__(
        self,
        endpoint: Endpoint,
        pause: Callable[[float], None],
        limits: Limits = DEFAULT_LIMITS,
        pace: Callable[[int], None] = unpaced,
    ) -> None:
        """Prepare a source without connecting.

        Args:
            endpoint: where to ask.
            pause: waits for some seconds.
            limits: named limits; a request holds one call whatever they say.
            pace: called before each request; waits until it may go.

        Raises:
            InputError: the URL is not one; the message does not show it.
        """
        if not endpoint.url.startswith(PREFIX):
            hint = "write esplora+https:// or esplora+http://, a host and a path"
            raise InputError(f"url of source {endpoint.name!r} not understood", hint)
        at = replace(endpoint, url=endpoint.url.removeprefix(PREFIX))
        self.name = endpoint.name
        self.operator = endpoint.operator
        self._http = HttpSource(at, pause, limits, EsploraForm(), pace)

    def __repr__(self) -> str:
        return f"EsploraSource(name={self.name!r}, operator={self.operator!r})"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls; no server's doing makes it raise.

        Raises:
            ValueError: a call is no GET of one plain path.
        """
        found: list[Exchange] = []
        silent = 0
        for call in calls:
            (exchange,) = self._http.ask((call,))
            found.append(exchange)
            silent = silent + 1 if exchange.error in {"unreachable", "throttled"} else 0
            if silent == PATIENCE and exchange.error is not None:
                found += all_failed(calls[len(found) :], exchange.error)
                break
        return tuple(found)

    def sweep(self, sweep: Sweep) -> Column:
        """Ask one question about many subjects, likewise."""
        return swept(self, sweep)

    def close(self) -> None:
        """Close the connection; asking again opens another."""
        self._http.close()
