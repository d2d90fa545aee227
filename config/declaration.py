"""declaration.toml: who attests to what, as of when, from which files, nodes and rules.

    [entity]        name, lei, jurisdiction
    [attestation]   series, sequence, as_of, network, scope, wrapped_assets
    [inputs]        accounts, claims, challenges, liabilities, prices (paths beside the declaration)
    [policies]      packs, parameters
    [sources."bitcoin"]  endpoints, operators, quorum, confirmations; or recorded

A declaration is of one network, `main` or `test`, never both. Paths stay inside the declaration's
own folder, because a bundle carries the files under the same names. Secrets are written `${NAME}`
and taken from the environment where a node is asked; they never enter this value.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - pydantic reads the annotation at run time
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.caip import AssetId, ChainId  # noqa: TC001 - pydantic reads the annotation at run time
from config.errors import InputError
from config.registry import Network, Registry  # noqa: TC001 - the same
from config.strict import STRICT, parse
from config.text import decode
from config.times import parse_time
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024
"""A declaration is written by hand."""

MAX_PATH = 200

Scope = Literal["holdings", "control", "obligations", "comparison"]
ALL_SCOPES: tuple[Scope, ...] = ("holdings", "control", "obligations", "comparison")

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Lei = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
"""ISO 17442: eighteen letters or digits and two check digits."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""ISO 3166-1 alpha-2, with an ISO 3166-2 part where a state regulates."""
Series = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._-]{1,100}$")]
Operator = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

_SECRET = re.compile(r"://[^/@]*:(?!\$\{)[^/@]+@")


@dataclass(frozen=True, slots=True, config=STRICT)
class Entity:
    """The party whose holdings are attested."""

    name: Name
    lei: Lei | None = None
    """Legal Entity Identifier; used in challenge texts instead of the name where given."""
    jurisdiction: Country | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class Attestation:
    """What is attested."""

    series: Series
    """Identifies the run of attestations this one belongs to."""
    network: Network
    sequence: Annotated[int, Field(ge=1)] = 1
    """Position in the series."""
    as_of: datetime | str | None = None
    """The time the statement is about; may be given on the command line instead."""
    scope: tuple[Scope, ...] = ALL_SCOPES
    wrapped_assets: tuple[AssetId, ...] = ()
    """CAIP-19 ids of wrapped or bridged assets that shall count for what they wrap; shown apart."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Inputs:
    """Paths of the other files, relative to the declaration, with forward slashes."""

    accounts: str
    claims: str | None = None
    challenges: str | None = None
    liabilities: str | None = None
    prices: str | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class Policies:
    """Which rule packs judge, and the parameters that replace their defaults."""

    packs: tuple[str, ...] = ("core",)
    parameters: dict[str, int | str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, config=STRICT)
class ChainSources:
    """Where one chain is read: endpoints of nodes, or a recording read as if it were nodes."""

    endpoints: tuple[str, ...] = ()
    """URLs; user, password and keys as `${NAME}`, taken from the environment."""
    operators: tuple[Operator, ...] = ()
    """Who runs each endpoint, in the same order; without it all are taken for one operator's."""
    quorum: Annotated[int, Field(ge=1)] | None = None
    """How many operators must agree; without it all of those named."""
    confirmations: Annotated[int, Field(ge=1)] | None = None
    """Depth the pin must have, where more than the registry's is wanted."""
    recorded: str | None = None
    """Folder of recorded evidence, relative to the declaration."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Declaration:
    """The whole file."""

    entity: Entity
    attestation: Attestation
    inputs: Inputs
    policies: Policies = Field(default_factory=Policies)
    sources: dict[str, ChainSources] = Field(default_factory=dict)

    @property
    def as_of(self) -> int | None:
        """The time of the statement in Unix seconds, if the file states it."""
        stated = self.attestation.as_of
        return None if stated is None else parse_time(stated)


@dataclass(frozen=True, slots=True, config=STRICT)
class SourcesFile:
    """A verifier's own sources.toml: the `[sources]` tables alone."""

    sources: dict[str, ChainSources]


def parse_declaration(data: bytes, name: str, registry: Registry) -> Declaration:
    """Read declaration.toml.

    Raises:
        InputError: with the key path of the first fault.
    """
    declaration = parse(Declaration, parse_toml(decode(data, name, MAX_BYTES), name), name)
    try:
        _check_paths(declaration)
        _check_attestation(declaration, registry)
        sources_by_chain(declaration.sources, registry)
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error
    return declaration


def parse_sources(data: bytes, name: str, registry: Registry) -> dict[ChainId, ChainSources]:
    """Read a verifier's sources.toml into the sources of each chain; raise InputError."""
    document = parse(SourcesFile, parse_toml(decode(data, name, MAX_BYTES), name), name)
    try:
        return sources_by_chain(document.sources, registry)
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error


def sources_by_chain(
    sources: dict[str, ChainSources], registry: Registry
) -> dict[ChainId, ChainSources]:
    """Give each `[sources]` table its canonical chain.

    Raises:
        InputError: an unknown chain, a chain named twice, or a table that is not whole.
    """
    found: dict[ChainId, ChainSources] = {}
    for key, table in sources.items():
        chain = registry.chain(key)
        if chain.id in found:
            raise InputError(f"sources of {chain.name} are given twice: {key!r} is the same chain")
        _check_sources(key, table, chain.confirmations)
        found[chain.id] = table
    return found


def _check_sources(key: str, table: ChainSources, confirmations: int) -> None:
    where = f"sources.{key}"
    if bool(table.endpoints) == bool(table.recorded):
        raise InputError(f"{where}: give either endpoints or recorded")
    if table.operators and len(table.operators) != len(table.endpoints):
        raise InputError(
            f"{where}: {len(table.operators)} operators for {len(table.endpoints)} endpoints"
        )
    if any(_SECRET.search(url) for url in table.endpoints):
        hint = "write the password as ${NAME} and set NAME in the environment"
        raise InputError(f"{where}.endpoints: a password is written in the file", hint)
    voices = len(set(table.operators)) or 1
    if table.endpoints and (table.quorum or 1) > voices:
        raise InputError(
            f"{where}: quorum {table.quorum} with {voices} operators can never be met",
            "name who runs each endpoint in operators",
        )
    if (table.confirmations or confirmations) < confirmations:
        found = f"confirmations {table.confirmations} is less than the registry's {confirmations}"
        raise InputError(f"{where}: {found}")


def _check_paths(declaration: Declaration) -> None:
    inputs = declaration.inputs
    given = [inputs.accounts, inputs.claims, inputs.challenges, inputs.liabilities, inputs.prices]
    for path in (path for path in given if path is not None):
        parts = PurePosixPath(path).parts
        plain = parts and not path.startswith("/") and "\\" not in path and ".." not in parts
        if not plain or len(path) > MAX_PATH:
            raise InputError(f"inputs: not a path beside the declaration: {path!r}")


def _check_attestation(declaration: Declaration, registry: Registry) -> None:
    attestation = declaration.attestation
    parse_time(attestation.as_of) if attestation.as_of is not None else None
    if not attestation.scope:
        raise InputError("attestation.scope: empty", f"any of: {', '.join(ALL_SCOPES)}")
    for asset in attestation.wrapped_assets:
        if registry.asset(asset).wraps is None:
            raise InputError(f"attestation.wrapped_assets: {asset} does not wrap anything")
