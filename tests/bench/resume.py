"""Kills a reading at random moments and takes it up again, many times; every end must be the same.

    python -m tests.bench.resume [times]

Each series begins anew, is killed with SIGKILL up to four times at moments drawn from the length of
a whole reading, and is then let finish. The files must be, byte for byte, those of a reading that
was never interrupted.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.resuming import ACCOUNTS, declared, kept, observed, snapshot

TIMES = 20
KILLS = 4
DELAY = 0.05


def main(times: int) -> None:
    """Run the series and print what each was killed at."""
    moments = random.Random(times)  # noqa: S311 - moments to kill at, not secrets
    with tempfile.TemporaryDirectory() as place, declared(Path(place) / "d", DELAY) as declaration:
        began = time.perf_counter()
        assert observed(declaration, Path(place) / "whole", None) == 0
        length = time.perf_counter() - began
        expected = snapshot(Path(place) / "whole")
        size = sum(map(len, expected.values()))
        print(f"{ACCOUNTS} accounts, {length:.1f} s undisturbed, {size} bytes")
        killed = 0
        for number in range(times):
            output = Path(place) / f"series-{number}"
            killed += _series(declaration, output, moments, length)
            assert snapshot(output) == expected, f"series {number} differs"
        print(f"{times} series, {killed} kills, every end byte-identical")


def _series(declaration: Path, output: Path, moments: random.Random, length: float) -> int:
    """Kill and resume until a reading ends by itself; give how often it was killed."""
    told = []
    for _ in range(KILLS):
        if observed(declaration, output, moments.uniform(0.2, length)) is not None:
            break
        told.append(str(kept(output)))
    else:
        assert observed(declaration, output, None) == 0
    print(f"  killed with {', '.join(told) or 'no'} answers kept")
    return len(told)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
