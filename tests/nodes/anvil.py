"""A real EVM node for tests: anvil on a free loopback port, for the length of a `with` block.

The binary is looked for in the environment variable ANVIL, in `node_modules` under the repository's
root (npm package `@foundry-rs/anvil`), and on PATH. Where it is missing the test is skipped by
name; in continuous integration (CI=true) that is a failure.

Two facts of anvil that fixtures must heed: `anvil_setBalance` and its kin edit the state of the
head block in place, so mine two blocks after setting and pin below the head; and with
`--slots-in-an-epoch 1` the `finalized` tag is two blocks below the head."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json: TypeAlias = Any
"""A parameter or a result: whatever JSON holds."""

ROOT = Path(__file__).parents[2]
START_SECONDS = 10.0
STARTS = 3
"""Another process may take the free port before anvil does."""


@dataclass(frozen=True, slots=True)
class Anvil:
    """A running node."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, *params: Json) -> Json:
        """Ask the node itself, by another client than the one under test."""
        return self.ask_all([(method, list(params))])[0]

    def ask_all(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Send a batch; raise RuntimeError if any call fails."""
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(calls)
        ]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/", json.dumps(batch), headers)
            replies = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        found = {reply["id"]: reply for reply in replies}
        if any("result" not in reply for reply in replies) or len(found) != len(batch):
            raise RuntimeError(f"anvil: {replies[:3]}")
        return [found[number]["result"] for number in range(len(batch))]

    def mine(self, blocks: int) -> None:
        self.ask("anvil_mine", hex(blocks))

    def height(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    def block(self, height: int) -> dict[str, Any]:
        block: dict[str, Any] = self.ask("eth_getBlockByNumber", hex(height), False)
        return block


def find_anvil() -> Path:
    """Find the binary, or skip the test; fail it in continuous integration."""
    named = os.environ.get("ANVIL")
    packaged = sorted(ROOT.glob("node_modules/@foundry-rs/anvil-linux-*/bin/anvil"))
    installed = shutil.which("anvil")
    for candidate in (named, *packaged, installed):
        if candidate is not None and Path(candidate).is_file():
            return Path(candidate)
    if os.environ.get("CI") == "true":
        pytest.fail("anvil is not installed: npm install --no-save @foundry-rs/anvil")
    pytest.skip("anvil is not installed")


@contextmanager
def anvil(*arguments: str) -> Iterator[Anvil]:
    """Run a node with `--slots-in-an-epoch 1` and further arguments."""
    binary = find_anvil()
    with tempfile.TemporaryDirectory(prefix="anvil-") as home:
        process, node = _start(binary, arguments, home)
        try:
            yield node
        finally:
            process.terminate()
            process.wait(10)


def _start(
    binary: Path, arguments: Sequence[str], home: str
) -> tuple[subprocess.Popen[bytes], Anvil]:
    for _ in range(STARTS):
        port = _free_port()
        command = [str(binary), "--host", "127.0.0.1", "--port", str(port), "--quiet"]
        command += ["--slots-in-an-epoch", "1", *arguments]
        process = subprocess.Popen(  # noqa: S603 - the binary found above, our arguments
            command,
            cwd=home,
            env={"HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(process, Anvil(port)):
            return process, Anvil(port)
        process.kill()
        process.wait(10)
    pytest.fail(f"anvil did not start: {' '.join(command)}")


def _answers(process: subprocess.Popen[bytes], node: Anvil) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            node.ask("eth_chainId")
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        else:
            return process.poll() is None
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
