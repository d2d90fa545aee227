"""VERIFY.md is followed as it stands: its blocks are pasted into a shell, in a bundle.

The shell has nothing but coreutils and openssl, and its home holds what the reader received."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pytest

from attest.disk import write_folder
from attest.keys import load_signing, new_key
from attest.report import guide

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import Algorithm, SigningKey

Bundle: TypeAlias = dict[str, bytes]
Follow: TypeAlias = Callable[[Bundle, Bundle], Sequence[str]]
"""From a bundle and what its reader received to the lines that the shell says."""

COREUTILS = (
    *("base64", "cat", "comm", "cp", "csplit", "cut", "date", "du", "mktemp", "mv", "paste", "rm"),
    *("sha256sum", "sort", "tail", "tr", "wc"),
)
PAYLOAD, ENVELOPE = "att/0001.payload.json", "att/0001.signer.dsse.json"
EVIDENCE, REPORT = "evidence/observation.json", "report/report.md"
KEY = "signer.pub.pem"
GOOD = (
    "files: OK",
    "nothing besides, nothing missing: OK",
    "signature of signer by key ID: OK",
    "payload: OK",
    "subjects: OK",
    "sealed files: none",
    "nothing unsigned: OK",
    "signer signed this statement: OK",
)
SAID_BY_OPENSSL = ("OpenSSL ", "Signature Verif", "Verification: ")


def need(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        missing = f"{tool} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def follower(shell: str, folder: Path) -> Follow:
    """Give what a shell says, which is run in an empty folder."""
    program = need(shell)
    tools = folder / "tools"
    tools.mkdir()
    for tool in (*COREUTILS, "openssl"):
        (tools / tool).symlink_to(need(tool))

    def paste(files: Bundle, received: Bundle) -> Sequence[str]:
        place = folder / "place"
        shutil.rmtree(place, ignore_errors=True)
        write_folder(place / "bundle", files)
        write_folder(place / "received", received)
        (place / "temporary").mkdir()
        return said_by(program, place, tools)

    return paste


def said_by(shell: str, place: Path, tools: Path) -> Sequence[str]:
    said = run(shell, place, tools).replace(str(place), "~")
    said = re.sub(r"by key [0-9a-f]{64}:", "by key ID:", said)
    return tuple(line for line in said.splitlines() if not line.startswith(SAID_BY_OPENSSL))


def run(shell: str, place: Path, tools: Path) -> str:
    blocks = re.findall(r"```sh\n(.*?)```", guide.render("0001").decode(), re.DOTALL)
    done = subprocess.run(  # noqa: S603 - commands of our own guide
        [shell],
        cwd=place / "bundle",
        input="".join(blocks).encode(),
        env={"HOME": str(place), "PATH": str(tools), "TMPDIR": str(place / "temporary")},
        capture_output=True,
        check=False,
    )
    return done.stdout.decode()


def listed(files: Bundle) -> Bundle:
    """A list that is right again, as whoever changed a file would write it."""
    others = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    lines = (f"{hashlib.sha256(others[name]).hexdigest()}  {name}\n" for name in sorted(others))
    return {**others, "SHA256SUMS": "".join(lines).encode()}


def make(algorithm: Algorithm) -> SigningKey:
    return load_signing(new_key(algorithm, None)[0], "key", lambda: b"")
