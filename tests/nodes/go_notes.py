"""Go's own checks of notes and transparency logs, built from `gonote/` and asked by tests.

The Go command is looked for in the environment variable GO, on PATH and in /usr/local/go. Where it
is missing the test is skipped by name, in continuous integration too: it is a second opinion. Where
it is there the program must build; its one module is fetched and held to `go.sum` by Go itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = Path(__file__).parent / "gonote"
USUAL = "/usr/local/go/bin/go"


def build(folder: Path) -> Path:
    """Build the program in a folder, or skip the test where Go is missing."""
    go = os.environ.get("GO") or shutil.which("go") or shutil.which(USUAL)
    if go is None:
        pytest.skip("go is missing: the second opinion on notes and logs was not asked")
    program = folder / "gonote"
    built = subprocess.run(  # noqa: S603 - the Go command of this machine, our source
        [go, "build", "-mod=readonly", "-o", str(program), "."],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"},
    )
    assert built.returncode == 0, built.stderr
    return program


def answers(program: Path, cases: Sequence[dict[str, object]]) -> list[str]:
    """Ask about cases; give what Go objects to in each, empty where nothing."""
    asked = subprocess.run(  # noqa: S603 - the program built above
        [str(program)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(asked.stdout)
    assert len(cases) == len(found)
    return found
