"""attest liabilities check-published: check another publisher's proof of inclusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from proofs.published.form import Caveat, Published, RefusedPublished

EXITS = {"agrees": 0, "differs": 1, "refused": 1, "not_checked": 2}
WORDS = {
    "agrees": "the computed root is the stated one",
    "differs": "the roots differ",
    "refused": "refused: the file does not show what it claims",
    "not_checked": "not checked",
}


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a file: it was read, or refused."""

    file: str
    format: str
    root: str | None
    """The root as it was published elsewhere."""
    shown: tuple[Caveat, ...]
    """What the format does not show."""
    found: Published | None = None
    refused: RefusedPublished | None = None

    @property
    def outcome(self) -> str:
        """One of EXITS."""
        from proofs.published.form import outcome_of

        return "refused" if self.found is None else outcome_of(self.found, self.root)

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What is not shown; a root that was given is compared with."""
        caveats = self.shown if self.found is None else self.found.caveats
        given = self.root is not None
        return tuple(one for one in caveats if not (given and one == "root_not_published_here"))


def check_published(
    file: Annotated[Path, typer.Argument(help="The customer's file, as the publisher gave it.")],
    kind: Annotated[
        str | None, typer.Option("--format", help="Whose format it is; told by the file if absent.")
    ] = None,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="HEX", help="The root as the publisher made it public."),
    ] = None,
    tree: Annotated[
        Path | None,
        typer.Option("--tree", help="The publisher's whole tree, where it is another file."),
    ] = None,
    as_json: JSON = False,
) -> int:
    """Check a proof of inclusion of another publisher, as far as plain hashes go.

    Exits with 0 if the computed root is the stated one, 1 if not, 2 if nothing could be checked.
    What the format does not show is listed either way.
    """
    from attest.cli.console import give_json
    from attest.disk import read_file
    from proofs.published.form import RefusedPublished
    from proofs.published.formats import detect, reader
    from proofs.published.okx_2023_tree import MAX_TREE

    published_root = _root(root)
    data = read_file(file, MAX_TREE)
    name = kind or detect(data, file.name)
    result = _Result(file.name, name, published_root, reader(name)[1])
    try:
        result = replace(result, found=_read(name, data, file, tree))
    except RefusedPublished as refused:
        result = replace(result, refused=refused)
    if as_json:
        give_json(_document(result))
    else:
        _show(result)
    return EXITS[result.outcome]


def _root(text: str | None) -> str | None:
    """Read the published root; raise InputError if it is none."""
    import re

    from config.errors import InputError, shown

    if text is None:
        return None
    plain = text.lower().removeprefix("0x")
    if not re.fullmatch(r"(?:[0-9a-f]{16}){1,4}", plain):
        raise InputError(f"not a root: {shown(text)}", "16 to 64 hex digits")
    return plain


def _read(name: str, data: bytes, file: Path, tree: Path | None) -> Published:
    from attest.disk import read_file
    from config.errors import InputError
    from proofs.published import okx_2023
    from proofs.published.formats import reader
    from proofs.published.okx_2023_tree import MAX_TREE

    if tree is None:
        return reader(name)[0](data, file.name)
    if name != okx_2023.NAME:
        raise InputError(f"a file of the format {name} has no tree beside it", "leave --tree out")
    return okx_2023.read_with_tree(data, file.name, read_file(tree, MAX_TREE), tree.name)


def _document(result: _Result) -> dict[str, object]:
    from proofs.published.form import SENTENCES

    document: dict[str, object] = {
        "file": result.file,
        "format": result.format,
        "outcome": result.outcome,
        "reason": None,
        "warnings": [{"code": one, "text": SENTENCES[one]} for one in result.caveats],
    }
    if result.refused is not None:
        document["reason"] = {"code": result.refused.reason, "detail": result.refused.what}
    if result.found is not None:
        document["root"] = _roots(result.found, result.root)
        # Pairs, since a publisher's fields can repeat.
        for key in ("leaf", "balances", "total"):
            document[key] = [list(pair) for pair in getattr(result.found, key)]
    return document


def _roots(found: Published, root: str | None) -> dict[str, str | None]:
    return {"stated": found.root_stated, "computed": found.root_computed, "published": root}


def _show(result: _Result) -> None:
    from attest.cli.console import give, table
    from proofs.published.form import SENTENCES

    rows = [("format", result.format), ("outcome", WORDS[result.outcome])]
    if result.refused is not None:
        rows += [("reason", result.refused.reason), ("detail", result.refused.what)]
    if result.found is not None:
        rows += [
            (f"root {one}", text or "none")
            for one, text in _roots(result.found, result.root).items()
        ]
        rows += [(f"leaf: {key}", text) for key, text in result.found.leaf]
        rows += [(f"balance: {coin}", text) for coin, text in result.found.balances]
        rows += [(f"total: {coin}", text) for coin, text in result.found.total]
    table("Published proof", ("what", "value"), rows)
    give("what this does not show:")
    for one in result.caveats:
        give(f"- {one}: {SENTENCES[one]}")
