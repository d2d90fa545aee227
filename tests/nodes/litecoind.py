"""A private regtest litecoind: Debian's 0.21.2.1, a node of the Bitcoin Core family.

    with litecoind() as node:
        node.mine(101)
        node.rpc("sendtoaddress", node.address("bech32"), "1.5")

It listens on free loopback ports, keeps everything in a temporary folder, and has one wallet.
Numbers with a fraction come back as the text the node wrote. A machine without the binary skips the
test, but fails it where CI is `true`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USER = "test"
PASSWORD = "only-on-loopback"  # noqa: S105 - the node listens on loopback and lives for one test
START_SECONDS = 60.0
WALLET = "test"


class NodeError(Exception):
    """The node answered with an error object."""


@dataclass(frozen=True, slots=True)
class Litecoind:
    """A running node."""

    port: int
    """JSON-RPC."""
    peer_port: int
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    @property
    def url(self) -> str:
        """JSON-RPC endpoint with user and password."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}/"

    def rpc(self, method: str, *params: object) -> Any:  # noqa: ANN401 - as many types as methods
        """Call a method; raise NodeError with the node's own text."""
        body = {"jsonrpc": "1.0", "id": 0, "method": method, "params": params}
        reply = self.session.post(self.url, data=json.dumps(body), timeout=60)
        answer = json.loads(reply.content, parse_float=str)
        if answer["error"] is not None:
            raise NodeError(f"{method}: {answer['error']}")
        return answer["result"]

    def address(self, kind: str = "bech32") -> str:
        """Make an address of the wallet: `legacy`, `p2sh-segwit` or `bech32`."""
        return str(self.rpc("getnewaddress", "", kind))

    def mine(self, count: int = 1, address: str | None = None) -> list[str]:
        """Mine blocks and give their hashes, oldest first."""
        return list(self.rpc("generatetoaddress", count, address or self.address()))

    def connect(self, other: Litecoind) -> None:
        """Connect to another node and wait until both know of it."""
        self.rpc("addnode", f"127.0.0.1:{other.peer_port}", "onetry")
        wait_until(lambda: self.rpc("getconnectioncount") > 0)

    def wait_for_tip(self, block_hash: str) -> None:
        """Wait until the node's best block is this one."""
        wait_until(lambda: self.rpc("getbestblockhash") == block_hash)


@contextmanager
def litecoind(*arguments: str) -> Iterator[Litecoind]:
    """Run a node for the duration of a block, with further arguments."""
    binary = shutil.which("litecoind")
    if binary is None:
        missing = "litecoind is not installed (Debian package litecoind)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="litecoind-") as folder:
        node = Litecoind(_free_port(), _free_port())
        process = subprocess.Popen(  # noqa: S603 - a fixed binary with arguments of ours
            [*_arguments(binary, folder, node), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_start(node, process)
            node.rpc("createwallet", WALLET)
            yield node
        finally:
            node.session.close()
            # Asked to end, the node waits half a minute for idle connections; nothing here is kept.
            process.kill()
            process.wait(timeout=START_SECONDS)


def wait_until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Poll a condition; fail the test if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"condition not met within {seconds} s")
        time.sleep(0.02)


def _arguments(binary: str, folder: str, node: Litecoind) -> list[str]:
    return [
        binary,
        "-regtest",
        f"-datadir={folder}",
        "-server",
        f"-bind=127.0.0.1:{node.peer_port}",
        "-rpcbind=127.0.0.1",
        "-rpcallowip=127.0.0.1",
        f"-rpcport={node.port}",
        f"-rpcuser={USER}",
        f"-rpcpassword={PASSWORD}",
        "-listenonion=0",
        "-dnsseed=0",
        "-discover=0",
        "-fallbackfee=0.001",
        "-keypool=10",
    ]


def _wait_for_start(node: Litecoind, process: subprocess.Popen[bytes]) -> None:
    def started() -> bool:
        if process.poll() is not None:
            pytest.fail(f"litecoind ended with {process.returncode}")
        try:
            node.rpc("getblockcount")
        except (requests.RequestException, NodeError, ValueError):
            return False
        return True

    wait_until(started)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
