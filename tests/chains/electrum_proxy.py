"""A proxy in front of a real Electrum server that changes what it says: real sockets, real answers.

Requests are passed on as they come, so that pipelining stays what it is.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING

from tests.chains.electrum_server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager as Context

    from tests.chains.electrum_server import Item, Peer, Server

    Change = Callable[[Item, Item], Item]
    """Given a request and the honest reply, gives what is sent."""


def proxy(
    port: int, change: Change, pass_on: Callable[[Item], Item] = lambda request: request
) -> Context[Server]:
    """Run a proxy on a free loopback port for the length of a `with` block.

    Args:
        port: where the real server listens.
        change: gives what is sent for each reply.
        pass_on: gives what the real server is asked for each request.
    """

    def script(peer: Peer) -> None:
        with socket.create_connection(("127.0.0.1", port), 60) as upstream:
            asked: dict[int, Item] = {}
            thread = threading.Thread(target=back, args=(peer, asked, upstream), daemon=True)
            thread.start()
            for request in peer:
                asked[request["id"]] = request
                upstream.sendall(json.dumps(pass_on(request)).encode() + b"\n")
            upstream.shutdown(socket.SHUT_RDWR)
            thread.join(60)

    def back(peer: Peer, asked: dict[int, Item], upstream: socket.socket) -> None:
        for item in replies(upstream):
            request = asked.get(item.get("id", 0))
            try:
                peer.send(item if request is None else change(request, item))
            except OSError:
                return  # The client has hung up.

    return serve(script)


def replies(upstream: socket.socket) -> Iterator[Item]:
    with upstream.makefile("rb") as lines:
        for line in lines:
            item: Item = json.loads(line)
            yield item
