"""attest observe: read everything at the pins and keep the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.observation import Observation

DECLARATION = Annotated[Path, typer.Argument(help="The declaration, a TOML file.")]
AT = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="The time it is about, RFC 3339 with an offset."),
]


def observe(
    declaration: DECLARATION,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
    at: AT = None,
) -> None:
    """Read every declared balance from the declared sources, at one block a chain."""
    from attest.cli.console import say
    from attest.cli.load import inputs_of
    from attest.disk import refuse_existing, write_folder
    from attest.observation import encode_observation, recheck
    from attest.plan import plan_chains

    refuse_existing(output)
    inputs = inputs_of(declaration)
    found = look(inputs, declaration.parent, at)
    snapshot = recheck(plan_chains(inputs, found.as_of), found)
    write_folder(output, encode_observation(found))
    if inputs.declaration.attestation.network == "test":
        say("TEST NETWORK")
    for chain in snapshot.chains:
        say(
            f"{chain.pin.chain}: block {chain.pin.height} {chain.pin.block_hash}, "
            f"{len(chain.balances)} balances read, {len(chain.failures)} not"
        )


def look(inputs: Inputs, folder: Path, at: str | None) -> Observation:
    """Ask the declared sources for everything the inputs plan."""
    import os
    import time

    from attest import observe as observing
    from attest.cli.load import as_of, surroundings
    from attest.disk import read_observation
    from attest.plan import plan_chains
    from attest.rules.kinds import rehearse
    from config.declaration import sources_by_chain

    rehearse(inputs)
    time_of = as_of(inputs.declaration, at)
    plans = plan_chains(inputs, time_of)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    sources = observing.open_tables(
        tables, inputs.registry, folder, os.environ, time.sleep, read_observation
    )
    return observing.observe(plans, sources, time_of, surroundings())
