"""attest observe: read everything at the pins and keep the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.observation import Observation

DECLARATION = Annotated[Path, typer.Argument(help="The declaration, a TOML file.")]
JSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
COLUMNS = ("chain", "height", "hash", "read", "failed")
AT = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="The time it is about, RFC 3339 with an offset."),
]


def observe(
    declaration: DECLARATION,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
    at: AT = None,
    as_json: JSON = False,
) -> int:
    """Read every declared balance from the declared sources, at one block a chain."""
    from attest.cli.console import give, give_json, table
    from attest.cli.load import inputs_of
    from attest.disk import refuse_existing, write_folder
    from attest.observation import encode_observation, recheck
    from attest.plan import plan_chains

    refuse_existing(output)
    inputs = inputs_of(declaration)
    network = inputs.declaration.attestation.network
    found = look(inputs, declaration.parent, at)
    snapshot = recheck(plan_chains(inputs, found.as_of), found)
    write_folder(output, encode_observation(found))
    rows = [
        (
            chain.pin.chain,
            str(chain.pin.height),
            chain.pin.block_hash,
            str(len(chain.balances)),
            str(len(chain.failures)),
        )
        for chain in snapshot.chains
    ]
    if as_json:
        chains = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        give_json({"network": network, "chains": chains})
    else:
        if network == "test":
            give("TEST NETWORK")
        table("Read", COLUMNS, rows)
    return 2 if any(chain.failures for chain in snapshot.chains) else 0


def look(inputs: Inputs, folder: Path, at: str | None) -> Observation:
    """Ask the declared sources for everything the inputs plan."""
    from attest import observe as observing
    from attest.cli.load import as_of, sources_of, surroundings
    from attest.plan import plan_chains
    from attest.rules.kinds import rehearse
    from config.declaration import sources_by_chain

    rehearse(inputs)
    time_of = as_of(inputs.declaration, at)
    plans = plan_chains(inputs, time_of)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    sources = sources_of(tables, inputs.registry, folder)
    return observing.observe(plans, sources, time_of, surroundings())
