"""Running a vector as its README says, with this program: nothing here made it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attest.trust import parse_trust
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from config.registry_files import DATA_FILES, load_registry
from config.times import parse_time

if TYPE_CHECKING:
    from attest.trust import Trust
    from attest.verdict import Verdict
    from config.registry import Registry

VECTORS = Path(__file__).parents[1] / "vectors" / "bundles"
SHARED = ("good", "keys", "trusts")
"""Folders that are no cases."""
CRITERIA = VECTORS / "good" / "main" / "criteria"
"""The verifier's own registry and packs."""


def names() -> tuple[str, ...]:
    """Give the names of all cases."""
    folders = (path.name for path in VECTORS.iterdir() if path.is_dir())
    return tuple(sorted(name for name in folders if name not in SHARED))


@cache
def read_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@dataclass(frozen=True, slots=True)
class Vector:
    """A case as it lies there."""

    name: str
    case: dict[str, Any]
    expected: dict[str, Any]

    @property
    def bundle(self) -> dict[str, bytes]:
        """The base with the case's files laid over it."""
        files = read_below(VECTORS / "good" / self.case["base"])
        laid = {**files, **read_below(VECTORS / self.name / "files")}
        return {name: data for name, data in laid.items() if name not in self.case["without"]}

    def trust(self) -> Trust | None:
        """Read the verifier's trust file; raise InputError."""
        if self.case["trust"] is None:
            return None
        path = VECTORS / self.case["trust"]
        return parse_trust(
            path.read_bytes(),
            path.name,
            _registry(),
            lambda name: (path.parent / name).read_bytes(),
        )

    def run(self) -> Verdict:
        """Judge it."""
        arguments = self.case["arguments"]
        return verify(
            self.bundle,
            Verifier(
                trust=self.trust(),
                registry=tuple((name, _own("registry", name)) for name in DATA_FILES),
                pack=_pack,
                today=parse_time(arguments["today"]),
                allow_test=arguments["allowTest"],
                authenticity_only=arguments["authenticityOnly"],
                previous=arguments["expectPrevious"],
            ),
        )

    def answer(self) -> dict[str, object]:
        """Give what this program answers, in the form of what is expected.

        Of the differences those that are expected are given, as often as they are met.
        """
        try:
            verdict = self.run()
        except InputError as refused:
            message = self.expected.get("refused", "")
            said = message if str(refused.what).startswith(message) else refused.what
            return {"exit": 3, "refused": said}
        only = self.case["arguments"]["authenticityOnly"]
        return {
            "authenticity": verdict.authenticity,
            "outcome": verdict.outcome,
            "level": verdict.level,
            "exit": verdict.exit_code(authenticity_only=only),
            "reasons": [note.code for note in verdict.reasons],
            "differences": self._met([note.code for note in verdict.differences]),
            "anchors": self._states({state for _, state in verdict.anchors}),
        }

    def _met(self, codes: list[str]) -> list[str]:
        wanted = self.expected.get("differences", [])
        left, found = list(codes), []
        for code in wanted:
            if code in left:
                left.remove(code)
                found.append(code)
        return found

    def _states(self, states: set[str]) -> str:
        """Give the state of all anchors; that which is expected where there are none."""
        return " ".join(sorted(states)) if states else str(self.expected.get("anchors", ""))


@cache
def _registry() -> Registry:
    return load_registry()


def _own(folder: str, name: str) -> bytes:
    return read_below(CRITERIA)[f"{folder}/{name}"]


def _pack(name: str) -> bytes | None:
    return read_below(CRITERIA).get(f"policies/{name}.toml")


def vector(name: str) -> Vector:
    """Read a case."""
    folder = VECTORS / name
    case, expected = (
        json.loads((folder / file).read_text("utf-8")) for file in ("case.json", "expected.json")
    )
    return Vector(name, case, expected)
