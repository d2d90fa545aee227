"""A node over HTTP: the only module that imports an HTTP client.

`HttpSource` asks an endpoint and gives one exchange a call, whatever the server does. How calls are
written and what a reply means is a `Form`'s: JSON-RPC unless another is given. Invariants:

- HTTP 200 only, no redirects, TLS certificates checked, no proxies, netrc or cookies of the
  environment;
- a reply is read as a stream up to a limit and never decompressed: compressed replies are not asked
  for and are refused, so a small body cannot become a large one;
- only calls that failed are sent again, a bounded number of times; a node's own error is not,
  unless it is one that passes (`chains.jsonrpc.PASSING_CODES`);
- the endpoint's URL never leaves this module: user, password and the keys that providers put into
  paths and host names are in no message, representation, log or evidence.

Chosen: the client library's connection adapter. Its session was refused: it reads proxies and
netrc, keeps cookies, and consumes a redirect's body without limit before it looks whether redirects
are allowed. A server that sends a reply byte by byte is bounded by the body limit alone, since no
clock is read here.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError, ProtocolError

from chains.backoff import AGAIN, pause_before, retry_after
from chains.jsonrpc import JsonRpc, all_failed
from chains.pace import unpaced
from chains.sweep import collect, expand
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Column, ErrorCode, Exchange, ProtocolName, Sweep
    from chains.jsonrpc import Dialect

# Its loggers write whole URLs, in which providers put keys, at levels from debug to warning.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)

PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that may be gone at the next attempt."""

REFUSING_STATUSES = frozenset({400, 413, 422})
"""HTTP statuses with which servers refuse a request for its size or its number of calls."""

SLOW_METHODS = frozenset({"scantxoutset", "gettxoutsetinfo"})
"""They walk the whole set of unspent outputs before the first byte of an answer."""

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    """Silence on an open connection after which it is given up."""
    slow_read_seconds: float = 3600.0
    """The same, for SLOW_METHODS: a pass over a main network's outputs takes minutes."""
    body_bytes: int = 1 << 27
    """A reply's size: 128 MiB hold the coins of some 400,000 outputs."""
    batch: int = 1000
    """Calls in one request at first; a server that refuses as many gets half as many, and so on."""
    attempts: int = 5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node listens, and what it is called."""

    name: str
    """Name within the declaration; letters, digits and hyphens."""
    operator: str
    url: str = field(repr=False)
    """Of a scheme that the source knows; over HTTP a user and password in it become basic
    authentication. Secret."""
    dialect: Dialect = "2.0"


class Form(Protocol):
    """How calls become one HTTP request, and what its reply says. Pure."""

    @property
    def error_statuses(self) -> frozenset[int]:
        """Statuses other than 200 whose body may be the node's answer."""

    def write(self, calls: Sequence[Call], ids: Sequence[int]) -> tuple[str, bytes | None]:
        """Give what is appended to the endpoint's path, and the body to post; None: a GET."""

    def read(self, body: bytes, calls: Sequence[Call], ids: Sequence[int]) -> tuple[Exchange, ...]:
        """Give one exchange a call from the body of a 200."""

    def read_errors(
        self, body: bytes, calls: Sequence[Call], ids: Sequence[int]
    ) -> tuple[Exchange, ...] | None:
        """Give the node's errors from a body under one of `error_statuses`; None: it has none."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    exchanges: tuple[Exchange, ...]
    again: bool = True
    """Whether another attempt could end differently."""
    wish: float | None = None
    """Seconds the server asked us to wait."""


@dataclass(slots=True)
class _Lead:
    """Calls that go ahead of every request of a sweep, and what they were answered."""

    calls: tuple[Call, ...] = ()
    shown: tuple[Exchange, ...] = ()
    settled: bool = False
    """Whether `shown` is an answer, and everything that comes with another is not taken."""

    def take(self, exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """Give what was answered behind the lead."""
        ahead, behind = exchanges[: len(self.calls)], exchanges[len(self.calls) :]
        failed = next((one.error for one in ahead if one.error in AGAIN), None)
        if not self.settled:
            self.shown, self.settled = ahead, failed is None
        if ahead == self.shown and failed is None:
            return behind
        return all_failed([one.call for one in behind], failed or "other_state")


class HttpSource:
    """A `Source` over HTTP; it keeps one connection open."""

    protocol: ProtocolName = "json-rpc"

    def __init__(
        self,
        endpoint: Endpoint,
        pause: Callable[[float], None],
        limits: Limits = DEFAULT_LIMITS,
        form: Form | None = None,
        pace: Callable[[int], None] = unpaced,
    ) -> None:
        """Prepare a source without connecting.

        Args:
            endpoint: where and how to ask.
            pause: waits for some seconds.
            limits: named limits.
            form: what requests and replies look like; JSON-RPC in the endpoint's dialect if None.
            pace: called with the number of calls before each request; waits until they may go.

        Raises:
            InputError: the URL is not one; the message does not show it.
        """
        self.name = endpoint.name
        self.operator = endpoint.operator
        self._form: Form = form or JsonRpc(endpoint.dialect)
        self._pause = pause
        self._pace = pace
        self._limits = limits
        self._size = limits.batch
        self._ids = count(1)
        self._request = _prepare(endpoint)
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)

    def __repr__(self) -> str:
        return f"HttpSource(name={self.name!r}, operator={self.operator!r})"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls; no server's doing makes it raise."""
        return self._ask_behind(_Lead(), calls)

    def sweep(self, sweep: Sweep) -> Column:
        """Ask one question about many subjects, likewise.

        The lead goes ahead of every request, so no answer is taken that came with another state.
        """
        calls = expand(sweep)
        lead = _Lead(calls[: len(sweep.lead)])
        answers = self._ask_behind(lead, calls[len(sweep.lead) :])
        return collect(sweep, (*(lead.shown or self.ask(lead.calls)), *answers))

    def close(self) -> None:
        """Close the connection; asking again opens another."""
        self._adapter.close()

    def _ask_behind(self, lead: _Lead, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        found: list[Exchange] = []
        while len(found) < len(calls):
            if self._size <= len(lead.calls):
                # A server that takes no batches is asked for the lead once, on its own.
                lead.shown = lead.shown or self.ask(lead.calls)
                lead = _Lead()
            room = self._size - len(lead.calls)
            found += self._ask_batch(lead, calls[len(found) : len(found) + room])
        return tuple(found)

    def _ask_batch(self, lead: _Lead, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        found: dict[int, Exchange] = {}
        left = list(range(len(calls)))
        for attempt in range(1, self._limits.attempts + 1):
            asked = [calls[index] for index in left]
            outcome = self._send([*lead.calls, *asked])
            if any(exchange.error == "batch_refused" for exchange in outcome.exchanges):
                # A batch is refused before any of it is answered, so nothing is asked twice.
                self._size = (len(outcome.exchanges) + 1) // 2
                answers, again = self._ask_behind(lead, asked), False
            else:
                answers, again = lead.take(outcome.exchanges), outcome.again
            found.update(zip(left, answers, strict=True))
            left = [index for index in left if found[index].error in AGAIN]
            if not left or not again or attempt == self._limits.attempts:
                break
            self._pause(pause_before(attempt, outcome.wish))
        return tuple([found[index] for index in range(len(calls))])

    def _send(self, calls: Sequence[Call]) -> _Attempt:
        self._pace(len(calls))
        ids = [next(self._ids) for _ in calls]
        request = self._written(calls, ids)
        slow = any(call.method in SLOW_METHODS for call in calls)
        silence = self._limits.slow_read_seconds if slow else self._limits.read_seconds
        try:
            timeout = (self._limits.connect_seconds, silence)
            sent = self._adapter.send(request, stream=True, timeout=timeout, verify=True)
            with closing(sent) as response:
                return self._judge(response, calls, ids)
        except (RequestException, HTTPError, OSError):
            # Library texts name the URL; the code of ours is all that leaves.
            return _Attempt(all_failed(calls, "unreachable"))

    def _written(self, calls: Sequence[Call], ids: Sequence[int]) -> PreparedRequest:
        """Give the HTTP request; its path is the form's under the endpoint's own."""
        path, body = self._form.write(calls, ids)
        request = self._request.copy()
        if path:
            parts = urlsplit(request.url or "")
            request.url = parts._replace(path=parts.path.rstrip("/") + path).geturl()
        if body is not None:
            request.prepare_method("POST")
            request.headers["Content-Type"] = "application/json"
            request.prepare_body(body, None)
        return request

    def _judge(self, response: Response, calls: Sequence[Call], ids: Sequence[int]) -> _Attempt:
        status = response.status_code
        if status == 200:  # noqa: PLR2004 - HTTP's "OK" reads better as its number
            body = self._body(response)
            if body is None:
                return _Attempt(all_failed(calls, "bad_reply"))
            return _Attempt(self._form.read(body, calls, ids))
        if status in self._form.error_statuses:
            errors = self._form.read_errors(self._body(response) or b"", calls, ids)
            if errors is not None:
                return _Attempt(errors)
        if status in REFUSING_STATUSES and len(calls) > 1:
            return _Attempt(all_failed(calls, "batch_refused"))
        code: ErrorCode = "throttled" if status == 429 else "unreachable"  # noqa: PLR2004 - the same
        wish = retry_after(response.headers)
        return _Attempt(all_failed(calls, code), status in PASSING_STATUSES, wish)

    def _body(self, response: Response) -> bytes | None:
        """Read the body, or give None if it is compressed or over the limit."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return None
        refuse_negative_chunks(response)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limits.body_bytes:
                return None
        return bytes(body)


def refuse_negative_chunks(response: Response) -> None:
    """Make a chunk whose size is said to be below zero the end of a reply.

    The library reads such a size, and then hands it to a file: -1 there means everything up to the
    connection's end, whatever the limit, and any other is a ValueError.
    """
    raw: Any = response.raw
    # It is the one place between a chunk's size and its bytes.
    read_size = raw._update_chunk_length  # noqa: SLF001 - the library has no other

    def checked() -> None:
        read_size()
        if raw.chunk_left is not None and raw.chunk_left < 0:
            raise ProtocolError(f"chunk of {raw.chunk_left} bytes")

    raw._update_chunk_length = checked  # noqa: SLF001 - likewise


def _prepare(endpoint: Endpoint) -> PreparedRequest:
    """Build the request that every batch copies, with the secrets moved out of the URL."""
    hint = "write http:// or https://, a host, and a port from 1 to 65535"
    fault = InputError(f"url of source {endpoint.name!r} not understood", hint)
    headers = {"Accept-Encoding": "identity"}
    try:
        parts = urlsplit(endpoint.url)
        userinfo, _, host = parts.netloc.rpartition("@")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise fault
        if userinfo:
            token = b64encode(unquote_to_bytes(userinfo)).decode()
            headers["Authorization"] = f"Basic {token}"
        url = parts._replace(netloc=host, fragment="").geturl()
        return Request("GET", url, headers=headers).prepare()
    except (RequestException, HTTPError, ValueError):
        # Not chained: the library's text holds the URL.
        raise fault from None
