"""An observation that is killed and taken up again, on a real node behind a slow, moody provider.

The provider forwards to anvil, takes its time, refuses every seventh request with 429, and takes no
batch over 60 calls. The command runs as a process of its own and is killed with SIGKILL.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.cli.command import files_below
from tests.misbehaving import Reply, Script, serve
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.misbehaving import Json
    from tests.nodes.anvil import Anvil

ACCOUNTS = 800
CAP = 60
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "resume"
network = "test"
as_of = "{as_of}"
scope = ["holdings"]
[inputs]
accounts = "accounts.csv"
[sources.anvil]
endpoints = ["{url}"]
"""


def provider(node: Anvil, delay: float) -> Script:
    """Forward to a node, slowly, with a cap on batches and a moody limit on requests."""

    def script(request: Json, number: int) -> Reply:
        if isinstance(request, list) and len(request) > CAP:
            return Reply(b"", 413)
        if number % 7 == 0:
            return Reply(b"", 429, (("Retry-After", "0"),))
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/", json.dumps(request), headers)
            return Reply(connection.getresponse().read(), delay=delay)
        finally:
            connection.close()

    return script


@contextmanager
def declared(folder: Path, delay: float) -> Iterator[Path]:
    """Run a node and a provider, and write a declaration of many accounts on them."""
    with anvil() as node, serve(provider(node, delay)) as server:
        addresses = [f"0x{number:040x}" for number in range(1, ACCOUNTS + 1)]
        calls = [
            ("anvil_setBalance", [address, hex(10**18 + number)])
            for number, address in enumerate(addresses)
        ]
        node.ask_all(calls)
        node.mine(4)
        as_of = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        folder.mkdir(parents=True)
        path = folder / "declaration.toml"
        path.write_text(DECLARATION.format(as_of=as_of, url=server.url))
        rows = "".join(f"anvil:{address},cold,self,customer\n" for address in addresses)
        (folder / "accounts.csv").write_text("account,method,holder,owner\n" + rows)
        yield path


def observed(declaration: Path, output: Path, kill_after: float | None) -> int | None:
    """Run `attest observe`; give its exit code, None if it was killed on the way."""
    code = "import sys; from attest.cli.app import main; sys.argv[0] = 'attest'; main()"
    command = [sys.executable, "-c", code, "observe", str(declaration), "-o", str(output)]
    process = subprocess.Popen(  # noqa: S603 - this interpreter, our words
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def snapshot(output: Path) -> dict[str, bytes]:
    """Give the files of a finished observation, and see that no journal is left."""
    assert not output.with_name(f"{output.name}.journal").exists()
    return files_below(output)


def kept(output: Path) -> int:
    """Give how many answers a journal holds so far."""
    folder = output.with_name(f"{output.name}.journal")
    return sum(data.count(b"\n") for name, data in files_below(folder).items() if "/" in name)
