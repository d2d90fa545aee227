"""The system's openssl, a second verifier of signatures; skipped, or failed, as other parts are."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import PublicKey


def openssl_verifies(folder: Path, key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Ask `openssl pkeyutl`; its files are written to a folder."""
    tool = shutil.which("openssl")
    if tool is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is not installed: apt-get install openssl")
        pytest.skip("openssl is not installed")
    for name, data in (("pub.pem", key.pem), ("sig", signature), ("message", message)):
        (folder / name).write_bytes(data)
    digest = ("-digest", "sha256") if key.algorithm == "p256" else ()
    asked = ("-verify", "-pubin", "-inkey", "pub.pem", "-rawin", *digest)
    done = subprocess.run(  # noqa: S603 - a tool of the system on files of ours
        [tool, "pkeyutl", *asked, "-in", "message", "-sigfile", "sig"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.strip() == "Signature Verified Successfully"
    assert said == (done.returncode == 0)
    return said
