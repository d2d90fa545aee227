"""Ask a timestamp authority over HTTP: RFC 3161, 3.4. Verification never imports this.

    POST / HTTP/1.1
    Content-Type: application/timestamp-query          -> 200, application/timestamp-reply

One request, one reply. HTTP 200 and that content type alone, no redirects at all, TLS certificates
checked, no proxies, netrc or cookies of the environment, nothing compressed, a body up to a limit
and within a time. `http` is allowed beside `https`: several public authorities have nothing else,
what is sent is a digest, and what comes back is signed and checked (`attest.timestamps.rfc3161`).

An authority that does not answer is no verdict about a timestamp: `NoAnswer` says how it failed in
a code of ours, and never shows the library's text, which names the URL with what may be secret in
it.

Chosen: the client library's connection adapter, as in `chains.transport` and for its reasons; that
module also keeps the library from writing URLs to its log.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests import Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from attest.timestamps.rfc3161 import REPLY_TYPE, REQUEST_TYPE
from attest.timestamps.tokens import MAX_REPLY
from chains.transport import refuse_negative_chunks
from config.errors import AttestError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""Silence after which a connection is given up."""
WHOLE_SECONDS = 60.0
"""From the request to the body's last byte, however steadily its bytes come. A head that comes
byte by byte is bounded by the client library's limits alone."""


class NoAnswer(AttestError):  # noqa: N818 - a state of the authority that may pass
    """An authority gave no reply that could be one.

    Attributes:
        reason: unreachable, redirected, http_status, content_type, too_large or too_slow.
    """

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


def ask(name: str, url: str, request: bytes, clock: Callable[[], float]) -> bytes:
    """Send a request to an authority and give its reply, of which nothing is checked yet.

    Args:
        name: what the authority is called, for messages.
        url: http or https.
        request: a TimeStampReq.
        clock: gives seconds that never go back.

    Raises:
        InputError: the URL is not one; the message does not show it.
        NoAnswer: anything but a reply of that content type, whole and in time.
    """
    prepared = _prepare(name, url, request)
    end = clock() + WHOLE_SECONDS
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
    try:
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        with closing(adapter.send(prepared, stream=True, timeout=timeout, verify=True)) as response:
            _check_head(name, response)
            return _body(name, response, clock, end)
    except (RequestException, HTTPError, OSError):
        # Not chained: the library's text holds the URL.
        raise NoAnswer("unreachable", f"{name}: no whole reply over HTTP") from None
    finally:
        adapter.close()


def _prepare(name: str, url: str, request: bytes) -> PreparedRequest:
    hint = "write NAME=https://host/path"
    fault = InputError(f"url of authority {name!r} not understood", hint)
    headers = {
        "Content-Type": REQUEST_TYPE,
        "Accept": REPLY_TYPE,
        "Accept-Encoding": "identity",
    }
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise fault
        return Request("POST", url, headers=headers, data=request).prepare()
    except (RequestException, HTTPError, ValueError):
        raise fault from None


def _check_head(name: str, response: Response) -> None:
    status = response.status_code
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirections
        raise NoAnswer("redirected", f"{name}: status {status}; redirects are not followed")
    if status != 200:  # noqa: PLR2004 - HTTP's "OK"
        raise NoAnswer("http_status", f"{name}: status {status}, expected 200")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    coding = response.headers.get("Content-Encoding", "identity").lower()
    if kind != REPLY_TYPE or coding != "identity":
        met = f"{kind[:80]!r} coded {coding[:80]!r}"
        raise NoAnswer("content_type", f"{name}: content is {met}, expected {REPLY_TYPE}")


def _body(name: str, response: Response, clock: Callable[[], float], end: float) -> bytes:
    """Read byte by byte, so that the time is looked at however slowly they come."""
    refuse_negative_chunks(response)
    body = bytearray()
    for piece in response.iter_content(1):
        body += piece
        if len(body) > MAX_REPLY:
            raise NoAnswer("too_large", f"{name}: over {MAX_REPLY} bytes")
        if clock() > end:
            raise NoAnswer("too_slow", f"{name}: not whole after {WHOLE_SECONDS:.0f} seconds")
    return bytes(body)
