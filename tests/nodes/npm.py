"""Published packages of npm as a second opinion: a script in Node.js, asked a line at a time.

The packages are looked for in `node_modules` under the repository's root, Node.js on PATH. Where
one is missing the test is skipped by name; in continuous integration (CI=true) that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "sigstore"


@dataclass(frozen=True, slots=True)
class Script:
    """A running script that answers each line with one."""

    asked: IO[bytes]
    answers: IO[bytes]

    def ask(self, line: bytes) -> bytes:
        self.asked.write(line + b"\n")
        self.asked.flush()
        answer = self.answers.readline()
        if not answer.endswith(b"\n"):
            raise RuntimeError(f"no answer to {line[:100]!r}")
        return answer.removesuffix(b"\n")


@contextmanager
def script(name: str, *packages: str) -> Iterator[Script]:
    """Run a script of `tests/nodes/sigstore` that needs these packages."""
    node = shutil.which("node")
    if node is None:
        _missing("node", "apt-get install nodejs")
    for package in packages:
        if not (ROOT / "node_modules" / package / "package.json").is_file():
            _missing(package, f"npm install --no-save {package}")
    process = subprocess.Popen(  # noqa: S603 - our own script
        [node, str(SCRIPTS / name)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        yield Script(process.stdin, process.stdout)
        process.stdin.close()
        process.wait(10)


def _missing(name: str, remedy: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed: {remedy}")
    pytest.skip(f"{name} is not installed")
