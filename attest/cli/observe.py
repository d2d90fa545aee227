"""attest observe: read everything at the pins and keep the answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import AT, DECLARATION, JSON, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.observation import Observation
    from chains.snapshot import Snapshot

COLUMNS = ("chain", "height", "hash", "read", "proved", "failed")
SIGN = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Sign the observation: it is then a co-observation."),
]


def observe(
    declaration: DECLARATION,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
    at: AT = None,
    key: SIGN = None,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> int:
    """Read every declared balance from the declared sources, at one block a chain.

    A reading that was interrupted goes on where it stopped if the same command is given again.
    """
    from attest.cli.load import inputs_of, optional_key, tool
    from attest.co_observation import ENVELOPE, sign_observation
    from attest.disk import refuse_existing, write_folder
    from attest.journal import journal_of
    from attest.observation import encode_observation, recheck
    from attest.pins import PINS, pins_document
    from attest.plan import plan_chains
    from attest.statement import canonical

    goes_on = journal_of(output).is_dir()
    if not goes_on:
        refuse_existing(output)
    signer = optional_key(key, passphrase_env, public)
    inputs = inputs_of(declaration)
    network = inputs.declaration.attestation.network
    found = look(inputs, declaration.parent, at, output)
    snapshot = recheck(plan_chains(inputs, found.as_of), found)
    files = encode_observation(found)
    files[PINS] = canonical(pins_document(inputs, found.as_of, snapshot))
    if signer is not None:
        files[ENVELOPE] = sign_observation(files, snapshot, tool(), signer)
    write_folder(output, files, replace=goes_on)
    settle(output, found)
    _show(snapshot, network, as_json=as_json)
    return 2 if any(chain.failures for chain in snapshot.chains) else 0


def _show(snapshot: Snapshot, network: str, *, as_json: bool) -> None:
    from attest.cli.console import give, give_json, table

    rows = [
        (
            chain.pin.chain,
            str(chain.pin.height),
            chain.pin.block_hash,
            str(len(chain.balances)),
            str(sum(balance.evidence == "state_proof" for balance in chain.balances)),
            str(len(chain.failures)),
        )
        for chain in snapshot.chains
    ]
    if as_json:
        chains = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        give_json({"network": network, "chains": chains})
        return
    if network == "test":
        give("TEST NETWORK")
    table("Read", COLUMNS, rows)


def look(inputs: Inputs, folder: Path, at: str | None, output: Path) -> Observation:
    """Ask the declared sources for everything the inputs plan, going on where a journal ends."""
    from attest import observe as observing
    from attest.cli.console import say
    from attest.cli.load import as_of, sources_of, surroundings
    from attest.journal import forget_chain, journal_of, journaled
    from attest.plan import plan_chains
    from attest.rules.kinds import rehearse
    from config.declaration import sources_by_chain

    rehearse(inputs)
    time_of = as_of(inputs.declaration, at)
    plans = plan_chains(inputs, time_of)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    sources = sources_of(tables, inputs.registry, folder)
    observing.require_sources(plans, sources)
    journal = journal_of(output)
    if journal.is_dir():
        say(f"going on with the reading that was begun before: {journal}")
    around = surroundings()
    with journaled(journal, plans, sources) as kept:

        def pause(seconds: float) -> None:
            # What is answered from the journal was waited for when it was asked.
            if any(source.live for named in kept.values() for source in named):
                around.pause(seconds)

        return observing.observe(
            plans,
            kept,
            time_of,
            replace(around, pause=pause),
            lambda chain: forget_chain(journal, chain),
        )


def settle(output: Path, found: Observation) -> None:
    """Remove the journal, or say how to go on if a source did not answer everything."""
    from attest.cli.console import say
    from attest.journal import journal_of, remove_journal
    from attest.observation import unanswered

    left = unanswered(found)
    if not left:
        remove_journal(journal_of(output))
        return
    say(f"not answered: {left} questions; the same command asks them again at the same blocks")
