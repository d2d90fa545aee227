"""The passing example with salts: a statement that seals its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.cli.load import tool
from attest.inputs import DECLARATION, INPUTS
from attest.pipeline import work_through

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.inputs import Criteria
    from attest.pipeline import Work

SECRET = "5a" * 32


def sealed_files(files: Mapping[str, bytes], secret: str = SECRET) -> dict[str, bytes]:
    """Give the files of a run with a secret for its salts besides."""
    text = files[DECLARATION].replace(b"[inputs]\n", b'[inputs]\nsalts = "salts.txt"\n', 1)
    return {**files, DECLARATION: text, f"{INPUTS}salts.txt": f"{secret}\n".encode()}


def sealed_work(example: tuple[dict[str, bytes], Criteria], secret: str = SECRET) -> Work:
    """Work a run through with salts."""
    files, criteria = example
    return work_through(sealed_files(files, secret), criteria, tool())
