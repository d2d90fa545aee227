"""The two libraries are an extra: who does not have them is told so."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
sys.modules[sys.argv[1]] = None
from config.errors import InputError
import config.ledger.columns, config.ledger.faults, config.ledger.totals
for _ in range(2):
    try:
        import config.ledger.reader
    except InputError as error:
        print(error.what, "|", error.hint)
"""


@pytest.mark.parametrize("library", ["pyarrow", "duckdb"])
def test_without_the_extra_the_error_says_what_to_install(library: str) -> None:
    done = subprocess.run(  # noqa: S603 - this interpreter, our script
        [sys.executable, "-c", SCRIPT, library], capture_output=True, text=True, check=True
    )

    said = f"reading a ledger needs {library}, which is not installed"
    assert [f"{said} | pip install 'custody-attest[ledger]'"] * 2 == done.stdout.splitlines()
