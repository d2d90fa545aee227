"""attest control: check proofs of control alone, from a claims file or a whole declaration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from attest.checking import Trial
    from proofs.control import Control

OUTCOMES = ("proved", "refuted", "inconclusive", "unproved")


def control(
    claims: Annotated[Path, typer.Argument(help="claims.csv, or a declaration that names one.")],
    challenges: Annotated[
        Path | None,
        typer.Option("--challenges", help="challenges.json, where claims.csv is given alone."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", help="Show every step of the checks of this account's claims."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> int:
    """Verify signed proofs; nothing is read from a chain."""
    from attest.checking import check_file
    from attest.cli.console import give_json, say

    file = _from_declaration(claims) if claims.suffix == ".toml" else _alone(claims, challenges)
    if explain is not None:
        return _explain(explain, file, as_json=as_json)
    found = check_file(file.data, file.name, file.trial)
    test = _is_test(file, found)
    if test:
        say("TEST NETWORK")
    summary = {word: sum(one.outcome == word for one in found) for word in OUTCOMES}
    if as_json:
        give_json({"summary": summary, "controls": [_document(one) for one in found]})
    else:
        _show(found, summary, test=test)
    return _code(found)


def _explain(account: str, file: _File, *, as_json: bool) -> int:
    """Print every step of the checks of one account's claims."""
    from attest.checking import reading_of
    from attest.cli.console import give, say
    from attest.cli.explain import show
    from attest.explaining import explain_account
    from config.claims import open_claims, read_claims

    claims = tuple(read_claims(open_claims(file.data, file.name), reading_of(file.trial)))
    explained = explain_account(account, claims, file.trial)
    found = tuple(one.control for one in explained)
    if _is_test(file, found):
        say("TEST NETWORK")
        if not as_json:
            give("TEST NETWORK")
    show(explained, as_json=as_json)
    return _code(found)


def _code(found: tuple[Control, ...]) -> int:
    """Give the exit code: 1 for a refuted row, else 2 for one that is not proved, else 0."""
    outcomes = {one.outcome for one in found}
    if "refuted" in outcomes:
        return 1
    return 0 if outcomes == {"proved"} else 2


@dataclass(frozen=True, slots=True)
class _File:
    """A claims file and what it is judged by."""

    name: str
    data: bytes
    trial: Trial


def _from_declaration(path: Path) -> _File:
    from attest.challenges import check_signature
    from attest.checking import Trial
    from attest.cli.console import say
    from attest.cli.load import inputs_of
    from attest.inputs import claims_file
    from config.errors import InputError

    inputs = inputs_of(path)
    file = claims_file(inputs)
    if file is None:
        raise InputError(f"{path}: the declaration names no claims", "set claims under [inputs]")
    check_signature(inputs.challenges)
    if inputs.carried:
        folders = ", ".join(one.folder for one in inputs.carried)
        say(f"not judged here: claims carried forward from {folders}; attest assess judges them")
    declared = inputs.declaration
    network, as_of = declared.attestation.network, declared.as_of
    return _File(*file, Trial(inputs.registry, network, inputs.challenges, as_of))


def _alone(path: Path, challenges: Path | None) -> _File:
    from attest.challenges import check_signature
    from attest.checking import Trial
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
    return _File(path.name, data, Trial(load_registry(), challenges=issued))


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


def _is_test(file: _File, found: tuple[Control, ...]) -> bool:
    """Tell whether the declaration, or a claim of a file alone, is about a test network."""
    if file.trial.network is not None:
        return file.trial.network == "test"
    chains = file.trial.registry.chains
    tests = tuple(f"{one.id}:" for one in chains if one.network == "test")
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
