"""An authority over HTTP on loopback, honest or not: real sockets, real HTTP."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, TypeAlias

from tests.misbehaving import listening

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

HONEST = (("Content-Type", "application/timestamp-reply"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = HONEST
    drip: float = 0.0
    """Seconds between two bytes of the body."""
    length: int | None = None
    """What Content-Length says, if not the truth."""
    chunked: bool = False
    """Say that the body comes in chunks; it is sent as it is, sizes and all."""


Script: TypeAlias = "Callable[[bytes], Answer]"


@dataclass(slots=True)
class Server:
    """A running server and what it was sent."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serve(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server on a free loopback port for the length of a `with` block."""
    state = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append(asked)
            state.headers.append(dict(self.headers))
            _send(self, script(asked))

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    with listening(Handler, tls) as url:
        state.url = f"{url}/tsr"
        yield state


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.close_connection = True
    handler.send_response(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    if answer.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        length = len(answer.body) if answer.length is None else answer.length
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    if not answer.drip:
        handler.wfile.write(answer.body)
        return
    for byte in answer.body:
        handler.wfile.write(bytes((byte,)))
        handler.wfile.flush()
        time.sleep(answer.drip)
