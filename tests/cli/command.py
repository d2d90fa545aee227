"""The command `attest` as its user meets it: arguments in; code, stdout and stderr out."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attest.cli.app import call

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever the command printed as JSON
        """The JSON on stdout."""
        return json.loads(self.out)

    @property
    def complaint(self) -> tuple[str, ...]:
        """The lines of stderr from the error on."""
        lines = self.err.splitlines()
        starts = [at for at, line in enumerate(lines) if line.startswith("error: ")]
        return tuple(lines[starts[0] :]) if starts else ()


def attest(*arguments: str | Path) -> Ran:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = call([str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


def files_below(folder: Path) -> dict[str, bytes]:
    """Read everything below a folder, whatever made it, by its relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
