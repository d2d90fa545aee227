"""Fuzz one parser with atheris, from its corpus.

    pip install atheris
    python -m tests.fuzz.run TARGET [options of libFuzzer, such as -max_total_time=600]

New inputs that reach new code are written to a folder of their own (`-artifact_prefix` and the
first folder named after TARGET, as libFuzzer has it). What is worth keeping is moved to the corpus
by hand: `test_fuzz_corpus` replays it everywhere, without atheris.
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["attest", "chains", "config", "proofs", "bitcoin"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run until libFuzzer stops: at its time, or at the first error that is not ours."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"name one of: {', '.join(TARGETS)}")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
