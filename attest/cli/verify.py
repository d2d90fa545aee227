"""attest verify: judge someone else's bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.anchors import ChainCheck
    from attest.pipeline import Work
    from attest.trust import Trust
    from attest.verdict import Verdict
    from attest.verifier import Verifier


BUNDLE = Annotated[Path, typer.Argument(help="The bundle folder.")]
TRUST = Annotated[Path | None, typer.Option("--trust", help="trust.toml: whom and what you trust.")]
KEY = Annotated[Path | None, typer.Option("--key", help="Trust exactly this public key.")]
SOURCES = Annotated[Path | None, typer.Option("--sources", help="sources.toml: your own nodes.")]
CO_OBSERVATION = Annotated[
    list[Path] | None,
    typer.Option("--co-observation", help="A signed observation of a party you trust."),
]
ALLOW_TEST = Annotated[
    bool, typer.Option("--allow-test", help="Accept a statement about a test network.")
]
POLICIES = Annotated[
    Path | None,
    typer.Option("--policies", metavar="DIR", help="Your own rule packs, DIR/<pack>.toml."),
]
AUTHENTICITY = Annotated[
    bool,
    typer.Option(
        "--authenticity-only", help="Check files, signatures, trust and known history alone."
    ),
]
LEDGER = Annotated[Path | None, typer.Option("--ledger", help="The ledger, if you were given it.")]
CUSTOMERS = Annotated[
    Path | None, typer.Option("--customers", help="Its customers, with their identifiers.")
]
SECRET = Annotated[
    Path | None, typer.Option("--secret", help="The master secret of its commitment.")
]
PREVIOUS = Annotated[
    str | None,
    typer.Option(
        "--expect-previous",
        metavar="SHA256",
        help="Payload that must stand before this one in its series: the last one you accepted.",
    ),
]
TODAY = Annotated[
    str | None,
    typer.Option(
        "--today", metavar="TIME", help="Judge ages and windows as of then, not by the clock."
    ),
]
JSON = Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")]


def verify(
    bundle: BUNDLE,
    trust: TRUST = None,
    key: KEY = None,
    sources: SOURCES = None,
    policies: POLICIES = None,
    co_observation: CO_OBSERVATION = None,
    allow_test: ALLOW_TEST = False,
    authenticity_only: AUTHENTICITY = False,
    ledger: LEDGER = None,
    customers: CUSTOMERS = None,
    secret: SECRET = None,
    expect_previous: PREVIOUS = None,
    today: TODAY = None,
    as_json: JSON = False,
) -> int:
    """Check a bundle: files, signature, every number from its evidence, and what you know.

    With ledger, customers and secret the commitment to liabilities is built again, too.
    """
    from attest.cli.console import give_json

    trusted, now = trust_of(trust, key), seconds_of(today)
    verifier = verifier_of(
        trusted,
        today=now,
        allow_test=allow_test,
        authenticity_only=authenticity_only,
        policies=policies,
        previous=digest_of(expect_previous),
        reread=checks_of(sources, tuple(co_observation or ()), trusted, now),
        rebuild=rebuild_of(ledger, customers, secret),
    )
    verdict = _verdict(bundle, verifier)
    if as_json:
        give_json(verdict.document())
    else:
        _show(verdict)
    return verdict.exit_code(authenticity_only=authenticity_only)


def seconds_of(today: str | None) -> int:
    """Give the time by which ages and windows are judged, in Unix seconds: that, or the clock's."""
    import time

    from config.times import parse_time

    return int(time.time()) if today is None else parse_time(today)


def verifier_of(
    trust: Trust | None,
    *,
    today: int,
    allow_test: bool,
    authenticity_only: bool = False,
    policies: Path | None = None,
    previous: str | None = None,
    reread: Callable[[Work], tuple[ChainCheck, ...]] | None = None,
    rebuild: Callable[[Work], tuple[str, ...]] | None = None,
) -> Verifier:
    """Give everything that is the verifier's own, with what ships."""
    from attest.cli.load import pack_or_none, shipped_registry
    from attest.cli.packs import verifiers_packs
    from attest.verifier import Verifier

    return Verifier(
        trust=trust,
        registry=shipped_registry(),
        pack=pack_or_none if policies is None else verifiers_packs(policies),
        today=today,
        allow_test=allow_test,
        authenticity_only=authenticity_only,
        previous=previous,
        reread=reread,
        rebuild=rebuild,
    )


def digest_of(text: str | None) -> str | None:
    """Give a digest that was asked for; raise InputError for what is no SHA-256."""
    import re

    from config.errors import InputError

    if text is not None and not re.fullmatch("[0-9a-fA-F]{64}", text, re.ASCII):
        raise InputError(f"--expect-previous: not a SHA-256 in hex: {text[:100]!r}")
    return text


def _verdict(bundle: Path, verifier: Verifier) -> Verdict:
    from attest.disk import UnsafeFolder, read_folder
    from attest.verify import refused, verify

    try:
        return verify(read_folder(bundle), verifier)
    except UnsafeFolder as fault:
        return refused("file_mismatch", fault.what, verifier)


def trust_of(path: Path | None, key: Path | None) -> Trust | None:
    """Read whom the verifier trusts: his file, or exactly one key; None without either."""
    from attest.disk import read_file
    from attest.keys import MAX_KEY_FILE, load_public
    from attest.trust import parse_trust, trust_key
    from config.errors import InputError
    from config.registry_files import load_registry

    if path is not None and key is not None:
        raise InputError("--trust and --key are both given", "give one of them")
    if key is not None:
        return trust_key(load_public(read_file(key, MAX_KEY_FILE), str(key)))
    if path is None:
        return None
    folder = path.parent
    return parse_trust(
        read_file(path),
        path.name,
        load_registry(),
        lambda name: read_file(folder / name, MAX_KEY_FILE),
    )


def checks_of(
    sources: Path | None, observed: tuple[Path, ...], trust: Trust | None, today: int
) -> Callable[[Work], tuple[ChainCheck, ...]] | None:
    """Give what asks the verifier's nodes and looks into co-observations; None without either.

    Nothing but today shows when an observation was signed, so its key must count today.
    """
    from attest.co_observation import compare, open_co_observation
    from attest.disk import read_folder
    from attest.signing_time import counting

    if sources is None and not observed:
        return None
    known = None if trust is None else counting(trust, today)
    opened = [open_co_observation(read_folder(path), known) for path in observed]
    ask = _reread(sources) if sources is not None else lambda _work: ()
    return lambda work: (*ask(work), *(check for co in opened for check in compare(work, co)))


def rebuild_of(
    ledger: Path | None, customers: Path | None, secret: Path | None
) -> Callable[[Work], tuple[str, ...]] | None:
    """Give what builds the commitment to liabilities again; None without a ledger."""
    if ledger is None and customers is None and secret is None:
        return None
    if ledger is None or customers is None or secret is None:
        from config.errors import InputError

        raise InputError("--ledger, --customers and --secret go together", "give all three")
    from attest.cli.liabilities.options import builder, master, rebuilt
    from attest.liabilities.committing import Sheets

    key = master(secret)

    def work_again(work: Work) -> tuple[str, ...]:
        committed = work.inputs.committed
        if committed is None:
            return ()
        sheets = Sheets(ledger, customers, work.inputs.registry)
        with builder(None) as processes:
            found = rebuilt(committed.commitment, sheets, key, None, processes)
        return tuple(f"{one.what}: {one.published}, rebuilt {one.rebuilt}" for one in found)

    return work_again


def _reread(path: Path) -> Callable[[Work], tuple[ChainCheck, ...]]:
    from attest.cli.load import sources_of, surroundings
    from attest.disk import read_file
    from attest.reread import reread
    from config.declaration import parse_sources
    from config.registry_files import load_registry

    registry = load_registry()
    tables = parse_sources(read_file(path), path.name, registry)
    opened = sources_of(tables, registry, path.parent)
    return lambda work: reread(work, registry, opened, surroundings())


def _show(verdict: Verdict) -> None:
    from attest.cli.console import give, table

    marker = " (TEST NETWORK)" if verdict.network == "test" else ""
    give(f"authenticity: {verdict.authenticity}")
    give(f"outcome: {verdict.outcome}{marker}")
    give(f"level: {verdict.level or 'none'}, required {verdict.required}")
    for name, text in verdict.about:
        give(f"{name}: {text}")
    if verdict.parties and any(verdict.parties):
        give(f"signed by: {', '.join(verdict.parties)}")
    if verdict.anchors:
        levels = dict(verdict.levels)
        rows = [(chain, levels.get(chain, ""), state) for chain, state in verdict.anchors]
        table("Chains", ("chain", "level", "block"), rows)
    for title, notes in (("Reasons", verdict.reasons), ("Differences", verdict.differences)):
        if notes:
            table(title, ("code", "detail"), [(note.code, note.detail) for note in notes])
