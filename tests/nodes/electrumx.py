"""An Electrum server for tests: e-x over a private regtest litecoind, for the length of a `with`.

    with litecoind("-txindex=1") as node, electrumx(node) as server:
        server.wait_for(node)
        ...  # electrum+tcp://127.0.0.1:{server.port}

The server is the PyPI package e-x with plyvel. It is looked for beside the interpreter and on PATH;
where it is missing the test is skipped by name, and failed where CI is `true`. Limits on what one
client may use are off, unless further settings put them on.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.nodes.litecoind import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.nodes.litecoind import Litecoind

STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Electrumx:
    """A running server."""

    port: int
    tls_port: int
    """Listens only if a certificate was given."""

    @property
    def url(self) -> str:
        """Endpoint without encryption."""
        return f"electrum+tcp://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """Endpoint with encryption, without a pin."""
        return f"electrum+tls://127.0.0.1:{self.tls_port}"

    def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Ask one question by another client than the one under test."""
        with (
            socket.create_connection(("127.0.0.1", self.port), 30) as connection,
            connection.makefile("rwb") as lines,
        ):
            for number, (name, values) in enumerate(
                (("server.version", ("test", "1.4")), (method, params))
            ):
                request = {"jsonrpc": "2.0", "id": number, "method": name, "params": values}
                lines.write(json.dumps(request).encode() + b"\n")
                lines.flush()
                reply = json.loads(lines.readline())
        return reply["result"]

    def wait_for(self, node: Litecoind) -> None:
        """Wait until the server has indexed the node's best block."""
        height = node.rpc("getblockcount")
        wait_until(lambda: self._height() == height)

    def _height(self) -> int | None:
        try:
            return int(self.ask("blockchain.headers.subscribe")["height"])
        except (OSError, ValueError, KeyError):
            return None


def find_electrumx() -> str:
    """Find the program, or skip the test; fail it in continuous integration."""
    beside = Path(sys.executable).with_name("electrumx_server")
    found = str(beside) if beside.is_file() else shutil.which("electrumx_server")
    if found is not None:
        return found
    missing = "electrumx_server is not installed (PyPI packages e-x and plyvel)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def electrumx(
    node: Litecoind, certificate: tuple[Path, Path] | None = None, **settings: str
) -> Iterator[Electrumx]:
    """Run a server.

    Args:
        node: what it indexes; started with `-txindex=1`.
        certificate: PEM files of a certificate and its key, to listen with TLS too.
        settings: environment variables of e-x besides those it needs.
    """
    program = find_electrumx()
    with tempfile.TemporaryDirectory(prefix="electrumx-") as folder:
        server = Electrumx(_free_port(), _free_port())
        process = subprocess.Popen(  # noqa: S603 - the program found above, settings of ours
            [program],
            cwd=folder,
            env={**_environment(folder, node, server, certificate), **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_start(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)


def _environment(
    folder: str, node: Litecoind, server: Electrumx, certificate: tuple[Path, Path] | None
) -> Mapping[str, str]:
    services = [f"tcp://127.0.0.1:{server.port}", f"rpc://127.0.0.1:{_free_port()}"]
    found = {
        "HOME": folder,
        "PATH": os.environ["PATH"],
        "COIN": "Litecoin",
        "NET": "regtest",
        "DB_DIRECTORY": folder,
        "DB_ENGINE": "leveldb",
        "DAEMON_URL": node.url,
        "ALLOW_ROOT": "1",
        "PEER_DISCOVERY": "off",
        "COST_SOFT_LIMIT": "0",
        "COST_HARD_LIMIT": "0",
        # Milliseconds between looks at the node; the usual five seconds are a long time in a test.
        "DAEMON_POLL_INTERVAL_BLOCKS": "50",
        "DAEMON_POLL_INTERVAL_MEMPOOL": "50",
    }
    if certificate is not None:
        services.append(f"ssl://127.0.0.1:{server.tls_port}")
        found["SSL_CERTFILE"], found["SSL_KEYFILE"] = map(str, certificate)
    return {**found, "SERVICES": ",".join(services)}


def _wait_for_start(server: Electrumx, process: subprocess.Popen[bytes]) -> None:
    def started() -> bool:
        if process.poll() is not None:
            pytest.fail(f"electrumx_server ended with {process.returncode}")
        try:
            server.ask("server.ping")
        except (OSError, ValueError, KeyError):
            return False
        return True

    wait_until(started)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
