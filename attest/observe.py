"""observe: ask every source of every chain and keep the answers.

The only module that reaches a network.

Sources come from the declaration. An endpoint's `${NAME}` is filled from the environment,
`${file:PATH}` from a file, here and nowhere else, so a secret is in no value that is written. A
`recorded` folder, of an earlier observation or of a bundle, is read as if it were the nodes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.observation import Observation, decode_observation
from chains.errors import ChainError
from chains.families import FAMILIES
from chains.pace import Pace, unpaced
from chains.readers import READERS
from chains.sources import open_source
from chains.transport import Endpoint
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from attest.content import Files
    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.jsonrpc import Dialect
    from config.caip import ChainId
    from config.declaration import ChainSources
    from config.registry import Chain, Registry

MAX_SECRET = 4096
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Machine:
    """What sources need of the machine they are asked from, handed in by the command line."""

    environment: Mapping[str, str]
    """Where `${NAME}` is looked up."""
    pause: Callable[[float], None]
    """Waits for some seconds."""
    clock: Callable[[], float]
    """Gives seconds that never go back."""
    read_folder: Callable[[Path], Files]
    """Reads a recorded observation's files."""


def observe(
    plans: tuple[ChainPlan, ...],
    sources: Mapping[ChainId, Sequence[Source]],
    as_of: int,
    around: Surroundings,
    given_up: Callable[[ChainId], None] = lambda _chain: None,
) -> Observation:
    """Read every planned chain from its sources.

    Args:
        plans: what to read.
        sources: where, for each chain.
        as_of: Unix seconds the statement is about.
        around: waiting and progress.
        given_up: told of the chain on which no pin could be made.

    Raises:
        ChainError: a chain has no source, or no pin could be made on it.
    """
    require_sources(plans, sources)
    read = []
    for plan in plans:
        try:
            read.append(READERS[plan.chain.family](plan, sources[plan.chain.id], around))
        except ChainError:
            given_up(plan.chain.id)
            raise
    return Observation(as_of, tuple(read))


def require_sources(
    plans: tuple[ChainPlan, ...], sources: Mapping[ChainId, Sequence[Source]]
) -> None:
    """Refuse a plan without sources before any chain is read; raise ChainError.

    Waiting for the depth of another chain may take an hour.
    """
    for plan in plans:
        if not sources.get(plan.chain.id):
            hint = f'add [sources."{plan.chain.name}"] with endpoints or recorded'
            raise ChainError(f"no sources for {plan.chain.name}", hint)


def open_tables(
    tables: Mapping[ChainId, ChainSources],
    registry: Registry,
    folder: Path,
    machine: Machine,
) -> dict[ChainId, tuple[Source, ...]]:
    """Make the sources that `[sources]` tables name.

    Args:
        tables: the sources of each chain.
        registry: the chains known.
        folder: the folder of the file they stand in, for relative paths.
        machine: what the sources need of the machine they are asked from.

    Raises:
        InputError: a name that is not set, or a folder that is no observation.
    """
    return {
        chain: _sources(registry.chain(chain), table, folder, machine)
        for chain, table in tables.items()
    }


def _sources(
    chain: Chain, table: ChainSources, folder: Path, machine: Machine
) -> tuple[Source, ...]:
    if table.recorded is not None:
        return _recorded(chain, decode_observation(machine.read_folder(folder / table.recorded)))
    operators = table.operators or ("unnamed",) * len(table.endpoints)
    dialect: Dialect = "core" if chain.family == "utxo" else "2.0"
    return tuple(
        open_source(
            chain,
            Endpoint(f"node-{number}", operator, fill(url, folder, machine.environment), dialect),
            machine.pause,
            unpaced if table.rate is None else Pace(table.rate, machine.clock, machine.pause),
        )
        for number, (url, operator) in enumerate(zip(table.endpoints, operators, strict=True), 1)
    )


def _recorded(chain: Chain, observation: Observation) -> tuple[Source, ...]:
    for evidence in observation.chains:
        if evidence.chain == chain.id:
            return FAMILIES[chain.family].recorded(evidence)
    raise InputError(f"the recording holds no evidence of {chain.name}")


def fill(url: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Put secrets into an endpoint's URL.

    Args:
        url: may hold `${NAME}` or `${file:PATH}`.
        folder: the declaration's folder, for relative paths.
        environment: names and their values.

    Raises:
        InputError: a name is not set or a file cannot be read; the message shows the name alone.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("file:"):
            return _secret_file(folder / name.removeprefix("file:"), name)
        if name not in environment:
            hint = f"set {name} before the command: an endpoint takes a secret from it"
            raise InputError(f"environment variable {name} is not set", hint)
        return environment[name]

    return _PLACEHOLDER.sub(value, url)


def _secret_file(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SECRET).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"secret cannot be read: {name}") from error
