"""attest control: check proofs of control alone, from a claims file or a whole declaration."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from proofs.control import Control

OUTCOMES = ("proved", "refuted", "inconclusive", "unproved")


def control(
    claims: Annotated[Path, typer.Argument(help="claims.csv, or a declaration that names one.")],
    challenges: Annotated[
        Path | None,
        typer.Option("--challenges", help="challenges.json, where claims.csv is given alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> int:
    """Verify signed proofs; nothing is read from a chain."""
    from attest.cli.console import give_json, say

    if claims.suffix == ".toml":
        found, test = _from_declaration(claims)
    else:
        found = _alone(claims, challenges)
        test = _on_test_network(found)
    if test:
        say("TEST NETWORK")
    summary = {word: sum(one.outcome == word for one in found) for word in OUTCOMES}
    if as_json:
        give_json({"summary": summary, "controls": [_document(one) for one in found]})
    else:
        _show(found, summary, test=test)
    if summary["refuted"]:
        return 1
    return 2 if summary["inconclusive"] or summary["unproved"] else 0


def _from_declaration(path: Path) -> tuple[tuple[Control, ...], bool]:
    from attest.challenges import check_signature
    from attest.cli.load import inputs_of
    from attest.pipeline import check_claims
    from config.errors import InputError

    inputs = inputs_of(path)
    if not inputs.claims:
        raise InputError(f"{path}: the declaration names no claims", "set claims under [inputs]")
    check_signature(inputs.challenges)
    found = check_claims(inputs, inputs.declaration.as_of, None)
    return found, inputs.declaration.attestation.network == "test"


def _alone(path: Path, challenges: Path | None) -> tuple[Control, ...]:
    from attest.challenges import check_signature
    from attest.checking import Trial, check_file
    from attest.disk import read_file
    from config.challenges import parse_challenges
    from config.registry_files import load_registry
    from proofs.challenge import check_texts

    data = read_file(path)
    issued = None
    if challenges is not None:
        issued = parse_challenges(read_file(challenges), challenges.name)
        check_texts(issued, challenges.name)
        check_signature(issued)
    return check_file(data, path.name, Trial(load_registry(), challenges=issued))


def _document(one: Control) -> dict[str, object]:
    return {
        "account": one.account,
        "scheme": one.scheme,
        "outcome": one.outcome,
        "grade": one.grade,
        "reason": one.reason,
        "warnings": list(one.warnings),
        "line": one.line,
    }


def _on_test_network(found: tuple[Control, ...]) -> bool:
    from config.registry_files import load_registry

    tests = tuple(f"{one.id}:" for one in load_registry().chains if one.network == "test")
    return any(one.account.startswith(tests) for one in found)


def _show(found: tuple[Control, ...], summary: dict[str, int], *, test: bool) -> None:
    from attest.cli.console import give, table

    if test:
        give("TEST NETWORK")
    table(
        "Controls",
        ("line", "account", "scheme", "outcome", "grade", "reason", "warnings"),
        [
            (
                str(one.line),
                one.account,
                one.scheme,
                one.outcome,
                one.grade or "",
                one.reason or "",
                " ".join(one.warnings),
            )
            for one in found
        ],
    )
    give(", ".join(f"{word} {count}" for word, count in summary.items()))
