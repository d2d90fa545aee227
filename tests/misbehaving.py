"""A JSON-RPC server on loopback that misbehaves on command: real sockets, real HTTP.

A `Script` is given each parsed request, of a GET its path, and its number, counted from 1, and
gives the `Reply`.
`honest` builds the reply of a good server from a function that answers one call; the faults below
change what it gives.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import ssl

Json: TypeAlias = Any
"""A parsed request, or a part of one: whatever JSON holds."""

Answer: TypeAlias = Callable[[str, list[Any]], dict[str, Any]]
"""Gives a call's part of the reply: `{"result": …}` or `{"error": …}`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    delay: float = 0.0
    """Seconds before anything is sent."""
    drop: bool = False
    """Close the connection and send nothing."""
    hang_up: bool = False
    """Close the connection after the reply, without saying so in it."""
    length: int | None = None
    """What Content-Length says, if not the truth."""
    chunked: bool = False
    """Say that the body comes in chunks; it is sent as it is, sizes and all."""


Script: TypeAlias = Callable[[Json, int], Reply]
Fault: TypeAlias = Callable[[list[dict[str, Any]]], Any]


@dataclass(slots=True)
class Server:
    """A running server and what it was asked."""

    url: str
    requests: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def honest(answer: Answer) -> Script:
    """Answer every call as JSON-RPC 2.0 wants it."""
    return faulty(answer, lambda items: items)


def faulty(answer: Answer, fault: Fault) -> Script:
    """Answer every call, and change the list of reply items before it is sent."""

    def script(request: Json, _number: int) -> Reply:
        calls = request if isinstance(request, list) else [request]
        items = [
            {"jsonrpc": "2.0", "id": call["id"], **answer(call["method"], call["params"])}
            for call in calls
        ]
        changed = fault(items)
        if isinstance(changed, list) and not isinstance(request, list) and len(changed) == 1:
            changed = changed[0]
        return Reply(json.dumps(changed).encode())

    return script


def first(bad: Script | Reply, then: Script, times: int = 1) -> Script:
    """Misbehave for some requests, then follow another script."""

    def script(request: Json, number: int) -> Reply:
        if number > times:
            return then(request, number)
        return bad if isinstance(bad, Reply) else bad(request, number)

    return script


def always(reply: Reply) -> Script:
    """Send one reply to everything."""
    return lambda _request, _number: reply


def delayed(script: Script, seconds: float) -> Script:
    """Let the client wait."""
    return lambda request, number: replace(script(request, number), delay=seconds)


@contextmanager
def serve(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server on a free loopback port for the length of a `with` block."""
    state = Server("")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go out at once

        def do_POST(self) -> None:
            self.respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.respond(self.path)

        def respond(self, request: Json) -> None:
            with lock:
                state.requests.append(request)
                state.headers.append(dict(self.headers))
                number = len(state.requests)
            _send(self, script(request, number))

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    with listening(Handler, tls) as state.url:
        yield state


@contextmanager
def listening(
    handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Answer on a free loopback port for the length of a `with` block; give its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hung up
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.delay)
    if reply.drop:
        handler.close_connection = True
        return
    handler.send_response(reply.status)
    for name, value in reply.headers:
        handler.send_header(name, value)
    length = len(reply.body) if reply.length is None else reply.length
    if reply.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", str(length))
    if reply.hang_up or length != len(reply.body):
        handler.close_connection = True
    handler.end_headers()
    handler.wfile.write(reply.body)
