"""How long `attest --help` takes, beside a bare interpreter, in one run.

python -m tests.bench.startup
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNS = 9


def seconds(command: Sequence[str]) -> float:
    """Give the median wall seconds of a command over several runs."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - ours
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print medians and their ratio."""
    attest = shutil.which("attest") or f"{sys.prefix}/bin/attest"
    bare = seconds([sys.executable, "-c", "pass"])
    shown = seconds([attest, "--help"])
    print(f"attest --help {shown:.3f} s, bare interpreter {bare:.3f} s, ratio {shown / bare:.1f}")


if __name__ == "__main__":
    main()
