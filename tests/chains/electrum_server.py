"""An Electrum server on loopback that misbehaves on command: real sockets, real lines, real TLS.

A `Script` holds the conversation of one connection. `greeted` answers the first request, which is
`server.version`, and leaves the rest to another script; `GOOD` answers everything with the first
parameter it was given.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from chains.electrum.limits import Limits
from chains.electrum.source import ElectrumSource
from chains.evidence import Call
from chains.transport import Endpoint

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from chains.evidence import Exchange

    Script: TypeAlias = Callable[["Peer"], None]

Item: TypeAlias = dict[str, Any]

GREETING = ["misbehaving", "1.4"]

CALLS = tuple(Call("echo", (f"{number}",)) for number in range(5))

ALL = ["0", "1", "2", "3", "4"]

QUICK = Limits(
    connect_seconds=2, read_seconds=2, flight=100, line_bytes=4000, strays=10, attempts=3
)


@dataclass(slots=True)
class Server:
    """A running server and what it was asked."""

    port: int
    layer: str
    connections: int = 0
    requests: list[list[Item]] = field(default_factory=list)
    """Of each connection, in order."""

    @property
    def url(self) -> str:
        return f"electrum+{self.layer}://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[Item]:
        """Requests of all connections but the greetings."""
        every = [request for requests in self.requests for request in requests]
        return [request for request in every if request["method"] != "server.version"]


class Peer:
    """A connection, as the server sees it."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        self.number = number
        self.requests: list[Item] = []
        self._connection = connection
        self._read = b""

    def read(self) -> Item | None:
        """Wait for a request; None if the client has hung up."""
        while b"\n" not in self._read:
            chunk = self._connection.recv(1 << 16)
            if not chunk:
                return None
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        request: Item = json.loads(line)
        self.requests.append(request)
        return request

    def __iter__(self) -> Iterator[Item]:
        while (request := self.read()) is not None:
            yield request

    def silent_for(self, seconds: float) -> bool:
        """Tell whether the client writes nothing for a while."""
        if self._read:
            return False
        self._connection.settimeout(seconds)
        try:
            self._read = self._connection.recv(1 << 16)
        except TimeoutError:
            return True
        finally:
            self._connection.settimeout(None)
        return False

    def forget(self) -> None:
        """Throw away what was read, whatever it is."""
        self._read = b""

    def send(self, *items: Item) -> None:
        """Write items as lines, at once."""
        self.write(b"".join(json.dumps(item).encode() + b"\n" for item in items))

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)


def reply(request: Item, **members: Any) -> Item:  # noqa: ANN401 - whatever JSON holds
    """Give the honest reply, with other members if any are given."""
    if request["method"] == "server.version":
        honest = {"result": GREETING}
    else:
        honest = {"result": request["params"][0]}
    return {"jsonrpc": "2.0", "id": request["id"], **(members or honest)}


def error(request: Item, code: int, message: str = "m") -> Item:
    return reply(request, error={"code": code, "message": message})


def GOOD(peer: Peer) -> None:  # noqa: N802 - the script that all others are measured against
    for request in peer:
        peer.send(reply(request))


def greeted(script: Script) -> Script:
    """Answer the first request honestly, then follow a script."""

    def follow(peer: Peer) -> None:
        request = peer.read()
        if request is not None:
            peer.send(reply(request))
            script(peer)

    return follow


def first(bad: Script, then: Script = GOOD, times: int = 1) -> Script:
    """Misbehave on the first connections, then follow another script."""
    return lambda peer: bad(peer) if peer.number <= times else then(peer)


@contextmanager
def serve(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server on a free loopback port for the length of a `with` block."""
    lock = threading.Lock()

    class Handler(socketserver.BaseRequestHandler):
        def setup(self) -> None:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)

        def handle(self) -> None:
            with lock:
                state.connections += 1
                peer = Peer(self.request, state.connections)
                state.requests.append(peer.requests)
            script(peer)

        def finish(self) -> None:
            self.request.close()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hung up
    state = Server(server.server_address[1], "tls" if tls else "tcp")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Told:
    """What came of asking."""

    def __init__(
        self, exchanges: tuple[Exchange, ...], pauses: list[float], server: Server
    ) -> None:
        self.words = [f"<{item.error}>" if item.error else item.result for item in exchanges]
        self.pauses = pauses
        self.server = server


def source_at(
    url: str, pauses: list[float] | None = None, limits: Limits = QUICK
) -> ElectrumSource:
    waits = [] if pauses is None else pauses
    return ElectrumSource(Endpoint("node-1", "acme", url), waits.append, limits)


def ask(script: Script, calls: tuple[Call, ...] = CALLS, limits: Limits = QUICK) -> Told:
    pauses: list[float] = []
    with serve(script) as server:
        source = source_at(server.url, pauses, limits)
        exchanges = source.ask(calls)
        source.close()
    assert [exchange.call for exchange in exchanges] == list(calls)
    return Told(exchanges, pauses, server)
