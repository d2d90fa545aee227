"""attest trace: do customers' deposits and withdrawals go by declared accounts?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import AT, DECLARATION, JSON  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attest.drawing import Drawn
    from attest.inputs import Inputs
    from attest.tracing import Traced, TraceVerdict
    from chains.snapshot import Pin, Snapshot

COLUMNS = (
    "line",
    "kind",
    "instrument",
    "amount",
    "chain",
    "transaction",
    "account",
    "verdict",
    "side",
)
SAMPLE = Annotated[
    Path, typer.Argument(help="CSV of deposits and withdrawals: kind,instrument,amount,txid,…")
]
COUNT = Annotated[
    int | None,
    typer.Option("--count", min=1, metavar="N", help="Draw so many rows; without it, all."),
]
SEED = Annotated[
    str | None,
    typer.Option(
        "--seed",
        metavar="TEXT",
        help="What the drawing follows from: chosen by an auditor who has the file already. "
        "Without it, the challenge's nonce.",
    ),
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write: the drawn rows, to be declared as trace."),
]


def trace(
    sample: SAMPLE,
    declaration: DECLARATION,
    count: COUNT = None,
    seed: SEED = None,
    at: AT = None,
    output: OUTPUT = None,
    as_json: JSON = False,
) -> int:
    """Ask the chains whether transactions of the ledger touch declared accounts.

    Only the transactions are read. Exits with 1 if a row is contradicted, 2 if one is not known.
    """
    from attest.bands import answers_of
    from attest.cli.load import inputs_of
    from attest.disk import read_file, refuse_file, write_new
    from attest.tracing import trace_rows
    from config.books.sample import MAX_BYTES, write_sample

    if output is not None:
        refuse_file(output)
    inputs = inputs_of(declaration)
    data = read_file(sample, MAX_BYTES)
    drawn = _drawn(data, sample.name, inputs, count, seed)
    snapshot = _asked(inputs, declaration.parent, at, drawn)
    declared = frozenset(account.id for account in inputs.accounts.rows)
    found = trace_rows(drawn.rows, inputs.registry, declared, answers_of(snapshot))
    if output is not None:
        write_new(output, write_sample(drawn.rows))
    told = _sample(data, sample.name, drawn)
    shown = _Shown(inputs, told, snapshot, found)
    (shown.as_json if as_json else shown.as_table)()
    return _code(found)


def _code(found: tuple[Traced, ...]) -> int:
    """Give the exit code: 1 for a contradicted row, else 2 for one that is not known, else 0."""
    if any(one.contradicted for one in found):
        return 1
    return 0 if all(one.verdict == "touches" for one in found) else 2


def _drawn(data: bytes, name: str, inputs: Inputs, count: int | None, seed: str | None) -> Drawn:
    """Take the rows that are traced."""
    from attest.drawing import choose_seed, draw, take_all
    from chains.families import ChainAddresses
    from config.books.cells import Reading
    from config.books.sample import read_sample
    from config.errors import InputError

    network = inputs.declaration.attestation.network
    rows = read_sample(data, name, Reading(inputs.registry, ChainAddresses(), network))
    if count is not None:
        return draw(rows, name, count, choose_seed(seed, inputs))
    if seed is not None:
        raise InputError("--seed without --count draws nothing", "say how many rows are drawn")
    return take_all(rows, name)


def _asked(inputs: Inputs, folder: Path, at: str | None, drawn: Drawn) -> Snapshot:
    """Ask the declared sources about the transactions of the rows."""
    from attest import observe as observing
    from attest.cli.load import as_of, sources_of, surroundings
    from attest.observation import recheck
    from attest.plan import plan_trace
    from config.declaration import sources_by_chain

    time_of = as_of(inputs.declaration, at)
    plans = plan_trace(inputs, time_of, drawn.rows)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    asked = {plan.chain.id: tables[plan.chain.id] for plan in plans}
    sources = sources_of(asked, inputs.registry, folder)
    return recheck(plans, observing.observe(plans, sources, time_of, surroundings()))


def _sample(data: bytes, name: str, drawn: Drawn) -> dict[str, str | int | None]:
    """Say what was drawn from what, so that anybody can draw it again."""
    import hashlib

    return {
        "file": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "rows": drawn.total,
        "traced": len(drawn.rows),
        "seed": drawn.seed.text if drawn.seed is not None else None,
        "seedFrom": drawn.seed.origin if drawn.seed is not None else None,
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is printed."""

    inputs: Inputs
    sample: Mapping[str, str | int | None]
    snapshot: Snapshot
    found: tuple[Traced, ...]

    @property
    def network(self) -> str:
        return self.inputs.declaration.attestation.network

    @property
    def pins(self) -> tuple[Pin, ...]:
        return tuple(chain.pin for chain in self.snapshot.chains)

    @property
    def summary(self) -> Counter[TraceVerdict]:
        return Counter(one.verdict for one in self.found)

    def as_json(self) -> None:
        from attest.cli.console import give_json

        pins = [
            {"chain": pin.chain, "height": str(pin.height), "hash": pin.block_hash}
            for pin in self.pins
        ]
        head = {"network": self.network, "sample": self.sample, "pins": pins}
        give_json({**head, "summary": self.summary, "rows": list(self.rows())})

    def as_table(self) -> None:
        from attest.cli.console import give, table
        from attest.tracing import WORDS

        if self.network == "test":
            give("TEST NETWORK")
        table("Traced", COLUMNS, [tuple(row.values()) for row in self.rows()])
        for pin in self.pins:
            give(f"read at: {pin.chain} block {pin.height} {pin.block_hash}")
        sample = self.sample
        rows = f"{sample['traced']} of {sample['rows']} rows"
        give(f"sample: {rows} of {sample['file']}, sha256 {sample['sha256']}")
        if sample["seed"] is not None:
            give(f"drawn by the seed ({sample['seedFrom']}): {sample['seed']}")
        for verdict, count in self.summary.items():
            give(f"{verdict} {count}: {WORDS[verdict]}")

    def rows(self) -> Iterator[dict[str, str]]:
        """Give the cells of each row, by column."""
        from config.amount import format_decimal

        registry = self.inputs.registry
        for one in self.found:
            row, instrument = one.row, registry.instrument(one.row.instrument)
            cells = (
                str(row.line),
                row.kind,
                row.instrument,
                format_decimal(row.units, instrument.decimals),
                row.chain,
                row.txid,
                row.account or "",
                one.verdict,
                one.side or "",
            )
            yield dict(zip(COLUMNS, cells, strict=True))
