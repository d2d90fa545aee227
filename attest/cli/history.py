"""attest history: a series of bundles held together: gaps, rewrites, forks, what is overdue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time
from attest.cli.verify import ALLOW_TEST, KEY, TRUST  # noqa: TC001 - the same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.history.series import Irregularity, SeriesStatement
    from attest.trust import Trust

BUNDLES = Annotated[list[Path], typer.Argument(help="Bundle folders of one series, or of several.")]
GRACE = Annotated[
    int,
    typer.Option("--grace-days", min=0, help="Days allowed after each period before it is due."),
]
SECONDS_A_DAY = 86_400


def history(
    bundles: BUNDLES,
    trust: TRUST = None,
    key: KEY = None,
    grace_days: GRACE = 0,
    allow_test: ALLOW_TEST = False,
    as_json: JSON = False,
) -> int:
    """Hold the statements of a series together, and show what is missing, changed or overdue.

    Only files, signatures and the order are looked at, and neither [history] nor [log] of a trust
    file: verify each bundle besides. A series that was signed again from the start shows no fault:
    keep the digest of the last one (verify --expect-previous), or ask for a log (attest log).

    Exit 1 if something is found, 2 if a bundle's signature is not known to count.
    """
    import time

    from attest.cli.console import give, give_json, table
    from attest.cli.verify import trust_of
    from attest.history.series import find_irregularities

    today = int(time.time())
    trusted = trust_of(trust, key)
    found, refused = _read(bundles, trusted, today, allow_test=allow_test)
    irregular = find_irregularities(found, today, grace_days * SECONDS_A_DAY) if found else ()
    if as_json:
        give_json(
            {
                "statements": [_document(one) for one in found],
                "irregularities": [_irregularity(one) for one in irregular],
                "refused": [{"bundle": name, "reason": reason} for name, reason in refused],
            }
        )
    else:
        rows = [(one.series, str(one.sequence), one.payload, one.signer) for one in found]
        table("Statements", ("series", "number", "payload", "key"), rows)
        _show(irregular, refused)
        give(f"statements: {len(found)}, findings: {len(irregular)}, refused: {len(refused)}")
    return 1 if irregular else 2 if refused or trusted is None else 0


def _read(
    bundles: Sequence[Path], trust: Trust | None, today: int, *, allow_test: bool
) -> tuple[list[SeriesStatement], list[tuple[str, str]]]:
    """Give the statements whose signatures count, and the bundles of which they do not."""
    found, refused = [], []
    for path in bundles:
        one = _statement(path, trust, today, allow_test=allow_test)
        if isinstance(one, str):
            refused.append((str(path), one))
        else:
            found.append(one)
    return found, refused


def _statement(
    path: Path, trust: Trust | None, today: int, *, allow_test: bool
) -> SeriesStatement | str:
    """Give what a bundle says of its place, or why it does not count."""
    from attest.apart import take_apart
    from attest.authenticity import judge_signatures
    from attest.disk import UnsafeFolder, read_folder
    from attest.errors import InvalidEnvelope
    from attest.history.series import SeriesStatement
    from config.times import parse_time

    try:
        parts = take_apart(read_folder(path))
        judged = None if trust is None else judge_signatures(parts, trust, today)
    except InvalidEnvelope as fault:
        return fault.reason
    except UnsafeFolder:
        return "file_mismatch"
    if parts.predicate.network == "test" and not allow_test:
        return "test_network"
    if judged is not None and not any(one.signed is parts.signer for one in judged.counted):
        return judged.reasons[0].code
    series = parts.predicate.series
    return SeriesStatement(
        series=series.id,
        sequence=int(series.sequence),
        payload=parts.digest,
        previous=None if series.previous is None else series.previous.payload_sha256,
        as_of=parse_time(parts.predicate.as_of.time),
        period=series.period,
        supersedes=None if series.supersedes is None else series.supersedes.sha256,
        signer=parts.signer.key.keyid,
    )


def _document(one: SeriesStatement) -> dict[str, object]:
    from config.times import format_time

    return {
        "series": one.series,
        "sequence": str(one.sequence),
        "payload": one.payload,
        "previous": one.previous,
        "asOf": format_time(one.as_of),
        "period": one.period,
        "keyid": one.signer,
    }


def _irregularity(one: Irregularity) -> dict[str, object]:
    from config.times import format_time

    return {
        "kind": one.kind,
        "series": one.series,
        "sequence": str(one.sequence),
        "until": str(one.until),
        "first": one.first,
        "second": one.second,
        "link": one.link,
        "due": None if one.due is None else format_time(one.due),
        "signers": list(one.signers),
    }


def _show(irregular: tuple[Irregularity, ...], refused: list[tuple[str, str]]) -> None:
    from attest.cli.console import table

    if irregular:
        columns = ("finding", "series", "number", "one side", "the other", "due or link", "keys")
        rows = [
            (
                one.kind,
                one.series,
                str(one.sequence)
                if one.until == one.sequence
                else f"{one.sequence} to {one.until}",
                one.first or "nothing",
                one.second or "nothing",
                str(_irregularity(one)["due"] or one.link or ""),
                " ".join(one.signers),
            )
            for one in irregular
        ]
        table("Findings", columns, rows)
    if refused:
        table("Refused", ("bundle", "reason"), refused)
