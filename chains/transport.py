"""A node over HTTP: the only module that imports an HTTP client.

`HttpSource` asks a JSON-RPC endpoint and gives one exchange a call, whatever the server does.
Invariants:

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
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from chains.backoff import pause_before, retry_after
from chains.jsonrpc import all_failed, encode_request, read_reply
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, ErrorCode, Exchange
    from chains.jsonrpc import Dialect

# Its loggers write whole URLs, in which providers put keys, at levels from debug to warning.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)

AGAIN = frozenset({"unreachable", "throttled", "bad_reply", "no_reply"})
"""Errors after which a call is sent again."""

PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that may be gone at the next attempt."""

CORE_ERROR_STATUSES = frozenset({400, 403, 404, 500})
"""With these, nodes of the Bitcoin Core family send a JSON-RPC error to a single call."""

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
    batch: int = 100
    """Calls in one request; providers refuse more than 100 to 1000."""
    attempts: int = 5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node listens, and what it is called."""

    name: str
    """Name within the declaration; letters, digits and hyphens."""
    operator: str
    url: str = field(repr=False)
    """http or https; a user and password in it become basic authentication. Secret."""
    dialect: Dialect = "2.0"


@dataclass(frozen=True, slots=True)
class _Attempt:
    exchanges: tuple[Exchange, ...]
    again: bool = True
    """Whether another attempt could end differently."""
    wish: float | None = None
    """Seconds the server asked us to wait."""


class HttpSource:
    """A `Source` over HTTP; it keeps one connection open."""

    def __init__(
        self, endpoint: Endpoint, pause: Callable[[float], None], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Prepare a source without connecting.

        Args:
            endpoint: where and how to ask.
            pause: waits for some seconds.
            limits: named limits.

        Raises:
            InputError: the URL is not one; the message does not show it.
        """
        self.name = endpoint.name
        self.operator = endpoint.operator
        self._dialect = endpoint.dialect
        self._pause = pause
        self._limits = limits
        self._ids = count(1)
        self._request = _prepare(endpoint)
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)

    def __repr__(self) -> str:
        return f"HttpSource(name={self.name!r}, operator={self.operator!r})"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls; no server's doing makes it raise."""
        size = self._limits.batch
        starts = range(0, len(calls), size)
        return tuple(item for at in starts for item in self._ask_batch(calls[at : at + size]))

    def close(self) -> None:
        """Close the connection; asking again opens another."""
        self._adapter.close()

    def _ask_batch(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        found = list(all_failed(calls, "no_reply"))
        left = list(range(len(calls)))
        for attempt in range(1, self._limits.attempts + 1):
            outcome = self._send([calls[index] for index in left])
            for index, exchange in zip(left, outcome.exchanges, strict=True):
                found[index] = exchange
            left = [index for index in left if found[index].error in AGAIN]
            if not left or not outcome.again or attempt == self._limits.attempts:
                break
            self._pause(pause_before(attempt, outcome.wish))
        return tuple(found)

    def _send(self, calls: Sequence[Call]) -> _Attempt:
        ids = [next(self._ids) for _ in calls]
        request = self._request.copy()
        request.prepare_body(encode_request(calls, ids, self._dialect), None)
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

    def _judge(self, response: Response, calls: Sequence[Call], ids: Sequence[int]) -> _Attempt:
        status = response.status_code
        if status == 200:  # noqa: PLR2004 - HTTP's "OK" reads better as its number
            body = self._body(response)
            if body is None:
                return _Attempt(all_failed(calls, "bad_reply"))
            return _Attempt(read_reply(body, calls, ids, self._dialect))
        if self._dialect == "core" and status in CORE_ERROR_STATUSES:
            exchanges = read_reply(self._body(response) or b"", calls, ids, self._dialect)
            if all(exchange.error not in {None, "bad_reply", "no_reply"} for exchange in exchanges):
                return _Attempt(exchanges)
        code: ErrorCode = "throttled" if status == 429 else "unreachable"  # noqa: PLR2004 - the same
        wish = retry_after(response.headers)
        return _Attempt(all_failed(calls, code), status in PASSING_STATUSES, wish)

    def _body(self, response: Response) -> bytes | None:
        """Read the body, or give None if it is compressed or over the limit."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return None
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limits.body_bytes:
                return None
        return bytes(body)


def _prepare(endpoint: Endpoint) -> PreparedRequest:
    """Build the request that every batch copies, with the secrets moved out of the URL."""
    hint = "write http:// or https://, a host, and a port from 1 to 65535"
    fault = InputError(f"url of source {endpoint.name!r} not understood", hint)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    try:
        parts = urlsplit(endpoint.url)
        userinfo, _, host = parts.netloc.rpartition("@")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise fault
        if userinfo:
            token = b64encode(unquote_to_bytes(userinfo)).decode()
            headers["Authorization"] = f"Basic {token}"
        url = parts._replace(netloc=host, fragment="").geturl()
        return Request("POST", url, headers=headers).prepare()
    except (RequestException, HTTPError, ValueError):
        # Not chained: the library's text holds the URL.
        raise fault from None
