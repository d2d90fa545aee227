"""VERIFY.md is followed as it stands, with the public tools it names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.disk import write_folder
from attest.keys import load_signing, new_key

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import Algorithm
    from attest.pipeline import Work


def need(tool: str) -> None:
    if shutil.which(tool) is None:
        missing = f"{tool} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


def commands(guide: str) -> list[str]:
    """Give the shell blocks that need no program of ours."""
    blocks = re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
    return [block for block in blocks if not block.startswith("attest ")]


def follow(folder: Path, block: str) -> int:
    done = subprocess.run(  # noqa: S603 - commands of our own guide
        ["bash", "-e", "-o", "pipefail", "-c", block],  # noqa: S607 - the system's shell
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_a_stranger_checks_a_bundle_with_public_tools(
    work: Work, tmp_path: Path, algorithm: Algorithm
) -> None:
    for tool in ("bash", "jq", "openssl", "sha256sum"):
        need(tool)
    key = load_signing(new_key(algorithm, None)[0], "key", lambda: b"")
    folder = tmp_path / "bundle"
    write_folder(folder, bundle.sign(bundle.draft(work), key))
    (tmp_path / "SIGNER.pub").write_bytes(key.public.pem)
    blocks = [
        block.replace("SIGNER.pub", str(tmp_path / "SIGNER.pub"))
        for block in commands((folder / "VERIFY.md").read_text())
    ]
    if algorithm == "ed25519":
        blocks = [block.replace(" -digest sha256", "") for block in blocks]

    assert [0, 0, 0] == [follow(folder, block) for block in blocks]

    report = folder / "report" / "report.md"
    report.write_bytes(report.read_bytes().replace(b"PASS", b"pass", 1))
    assert [1, 0, 1] == [follow(folder, block) for block in blocks]

    (tmp_path / "SIGNER.pub").write_bytes(new_key(algorithm, None)[1])
    assert follow(folder, blocks[1]) != 0
