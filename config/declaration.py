"""declaration.toml: who attests to what, as of when, from which files, nodes and rules.

    [entity]        name, lei, jurisdiction
    [attestation]   series, sequence, period, as_of, network, scope, wrapped_assets, own_assets,
                    margin, window_before, window_after
    [engagement]    for whom it is made, and by which reporting standard (`config.engagement`)
    [inputs]        accounts, claims, challenges, liabilities, prices, reconciling, allocations,
                    custody, reserves, facts, assets, trace, others, salts
                    (paths beside the declaration)
    [policies]      packs, parameters, folder of own packs
    [[carried]]     folder: controls of an earlier statement, brought by `attest carry`
    [previous]      folder: the statement of the series before this one, brought the same way
    [supersedes]    folder: the statement for the same time that this one corrects
    [[restated]]    input, revision, reason, sha256: what is another one than there
    [sources."bitcoin"]  endpoints, operators, quorum, rate, confirmations; or recorded

A declaration is of one network, `main` or `test`, never both. Paths stay inside the declaration's
own folder and are plain, because a bundle carries the files under the same names. Secrets are
written `${NAME}` or `${file:PATH}` and filled in where a node is asked; they never enter this
value. An endpoint is refused if it holds a password, or a part that looks like a key; its message
shows neither.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.caip import AssetId, ChainId, chain_of_asset
from config.earlier import MAX_CARRIED, Carried, Previous, Restated, Superseded
from config.engagement import EngagementTable
from config.errors import InputError
from config.paths import check_path, refuse_shared, refuse_within
from config.registry import Asset, Chain, Network, Registry  # noqa: TC001 - the same
from config.strict import STRICT, parse
from config.text import MAX_PLAIN, PLAIN, decode
from config.times import parse_time
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024
"""A declaration is written by hand."""

Scope = Literal["holdings", "control", "obligations", "comparison"]
ALL_SCOPES: tuple[Scope, ...] = ("holdings", "control", "obligations", "comparison")

MAX_MARGIN = 10_000
"""Deriving so many addresses of an expression takes seconds, whenever a statement is made."""

MAX_COUNT = 2**53 - 1
"""Larger integers have no canonical JSON (RFC 8785), so a statement could not be written."""

Name = Annotated[str, StringConstraints(max_length=MAX_PLAIN, pattern=PLAIN)]
Count = Annotated[int, Field(ge=1, le=MAX_COUNT)]
Number = Annotated[int, Field(ge=-MAX_COUNT, le=MAX_COUNT)]
Lei = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")]
"""ISO 17442: eighteen letters or digits and two check digits."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""ISO 3166-1 alpha-2, with an ISO 3166-2 part where a state regulates."""
Series = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._-]{1,100}$")]
Period = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,3}[DWMY]$")]
"""ISO 8601, of one unit: how often a series continues."""
Operator = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\}", re.ASCII)
# Here `$` stands for a placeholder, which may give the whole of it but for port and path.
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s]+)"
_URL = re.compile(
    rf"(?:(?P<scheme>(?:esplora\+)?https?)://(?:(?P<userinfo>[^/?#]*)@)?{_HOST}(?::[0-9$]+)?"
    r"|\$(?::[0-9]+)?)(?P<tail>[/?#][^@\s]*)?",
    re.ASCII,
)
# A certificate's digest is no secret: whoever connects is shown the certificate.
_ELECTRUM = re.compile(
    rf"(?P<scheme>electrum\+(?:tcp|tls))://{_HOST}:[0-9$]+"
    r"(?P<pin>#sha256=(?:[0-9A-Fa-f]{64}|\$))?",
    re.ASCII,
)
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{20,}", re.ASCII)


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
    sequence: Count = 1
    """Position in the series."""
    period: Period | None = None
    """How often the series continues, as an ISO 8601 period of one unit such as `P1M`."""
    as_of: str | None = None
    """The time the statement is about, as RFC 3339 text, which a time without quotes becomes too;
    may be given on the command line instead."""
    scope: tuple[Scope, ...] = ALL_SCOPES
    wrapped_assets: tuple[AssetId, ...] = ()
    """CAIP-19 ids of wrapped or bridged assets that shall count for what they wrap; shown apart."""
    margin: Annotated[int, Field(ge=0, le=MAX_MARGIN)] = 1000
    """How many indexes after an expression's stated last one are looked at for coins."""
    window_before: Count | None = None
    """Seconds before `as_of` from which on each account's movements are read; None: not read."""
    window_after: Count | None = None
    """Seconds after `as_of` up to which they are."""
    own_assets: tuple[AssetId, ...] = ()
    """CAIP-19 ids of assets that the entity, or a party close to it, issues itself."""
    price_feeds: bool = False
    """Whether declared prices are held against the registry's price feeds, at the pins."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Inputs:
    """Paths of the other files, relative to the declaration, with forward slashes."""

    accounts: str
    claims: str | None = None
    challenges: str | None = None
    liabilities: str | None = None
    prices: str | None = None
    reconciling: str | None = None
    allocations: str | None = None
    custody: str | None = None
    reserves: str | None = None
    facts: str | None = None
    assets: str | None = None
    trace: str | None = None
    others: str | None = None
    salts: str | None = None

    def paths(self) -> dict[str, str]:
        """Give the path of each file that is named, by what it is."""
        named = {one.name: getattr(self, one.name) for one in fields(Inputs)}
        return {kind: path for kind, path in named.items() if path is not None}


@dataclass(frozen=True, slots=True, config=STRICT)
class Policies:
    """Which rule packs judge, and the parameters that replace their defaults."""

    packs: tuple[str, ...] = ("core",)
    parameters: dict[str, Number | str] = Field(default_factory=dict)
    folder: str | None = None
    """Beside the declaration: where `<pack>.toml` of the user's own packs lie."""


@dataclass(frozen=True, slots=True, config=STRICT)
class ChainSources:
    """Where one chain is read: endpoints of nodes, or a recording read as if it were nodes."""

    endpoints: tuple[str, ...] = ()
    """URLs; user, password and keys as `${NAME}`, taken from the environment. A node's JSON-RPC is
    `http` or `https`; chains of the Bitcoin family are also read from `electrum+tcp`,
    `electrum+tls` (`#sha256=` pins the certificate), `esplora+http` and `esplora+https`."""
    operators: tuple[Operator, ...] = ()
    """Who runs each endpoint, in the same order; without it all are taken for one operator's."""
    quorum: Count | None = None
    """How many operators must agree; without it all of those named."""
    confirmations: Count | None = None
    """Depth the pin must have, where more than the registry's is wanted."""
    recorded: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Folder of recorded evidence, relative to the declaration."""
    rate: Count | None = None
    """Calls a second that each endpoint may be asked; without it as many as it answers."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Declaration:
    """The whole file."""

    entity: Entity
    attestation: Attestation
    inputs: Inputs
    policies: Policies = Field(default_factory=Policies)
    sources: dict[str, ChainSources] = Field(default_factory=dict)
    carried: Annotated[tuple[Carried, ...], Field(max_length=MAX_CARRIED)] = ()
    previous: Previous | None = None
    supersedes: Superseded | None = None
    engagement: EngagementTable = Field(default_factory=EngagementTable)
    restated: tuple[Restated, ...] = ()

    def paths(self) -> tuple[str, ...]:
        """Give the path of every file that is named."""
        return (*self.inputs.paths().values(), *self.earlier_paths())

    def earlier_paths(self) -> tuple[str, ...]:
        """Give the path of each file of earlier statements."""
        named = (*self.carried, self.previous, self.supersedes)
        paths = (path for one in named if one is not None for path in one.paths())
        # One folder may be all three: the statement before this one, whose proofs are carried.
        return tuple(dict.fromkeys(paths))

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
        _check_attestation(declaration.attestation, registry)
        _check_restated(declaration)
        sources_by_chain(declaration.sources, registry)
        for key in declaration.sources:
            _check_network(f"sources.{key}", key, declaration.attestation.network, registry)
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
        try:
            chain = registry.chain(key)
        except InputError as error:
            raise InputError(f"sources.{key}: {error.what}", error.hint) from error
        if chain.id in found:
            raise InputError(f"sources.{key}: sources of {chain.name} are given twice")
        _check_sources(key, table, chain)
        found[chain.id] = table
    return found


def _check_sources(key: str, table: ChainSources, chain: Chain) -> None:
    where = f"sources.{key}"
    if bool(table.endpoints) == bool(table.recorded):
        raise InputError(f"{where}: give either endpoints or recorded")
    if table.operators and len(table.operators) != len(table.endpoints):
        raise InputError(
            f"{where}: {len(table.operators)} operators for {len(table.endpoints)} endpoints"
        )
    for index, url in enumerate(table.endpoints):
        _check_endpoint(f"{where}.endpoints.{index}", url, chain)
    _check_voices(where, table)
    least = chain.confirmations
    if (table.confirmations or least) < least:
        found = f"confirmations {table.confirmations} is less than the registry's {least}"
        raise InputError(f"{where}: {found}")


def _check_voices(where: str, table: ChainSources) -> None:
    """Refuse one node or operator that would speak twice, and a quorum that cannot be met."""
    # A pinned certificate does not make one server two.
    places = {url.partition("#sha256=")[0].rstrip("/") for url in table.endpoints}
    if len(places) != len(table.endpoints):
        raise InputError(f"{where}.endpoints: one endpoint is given twice")
    voices = len(set(table.operators))
    if len({operator.casefold() for operator in table.operators}) != voices:
        raise InputError(f"{where}.operators: two names differ only in case")
    voices = voices or 1
    if table.endpoints and (table.quorum or 1) > voices:
        raise InputError(
            f"{where}: quorum {table.quorum} with {voices} operators can never be met",
            "name who runs each endpoint in operators",
        )


def _check_endpoint(where: str, url: str, chain: Chain) -> None:
    """Refuse what is not a URL and any secret that is written out; no message repeats the text."""
    rest = _PLACEHOLDER.sub("", url)
    if "$" in rest or "{" in rest:
        raise InputError(f"{where}: a placeholder is not whole", "write ${NAME} or ${file:PATH}")
    plain = _PLACEHOLDER.sub("$", url)
    match = _URL.fullmatch(plain) or _ELECTRUM.fullmatch(plain)
    if match is None:
        hint = "write http:// or https:// and a host; electrum+tls:// wants a port too"
        raise InputError(f"{where}: not an endpoint", hint)
    given = match.groupdict()
    _check_scheme(where, given["scheme"] or "", given.get("pin"), chain)
    hint = "write it as ${NAME} and set NAME in the environment"
    userinfo, tail = given.get("userinfo") or "", given.get("tail") or ""
    user, _, password = userinfo.partition(":")
    if (password or user).strip("$"):
        raise InputError(f"{where}: a password is written in the file", hint)
    if _holds_key(user) or _holds_key(tail):
        raise InputError(f"{where}: what looks like a key is written in the file", hint)


def _check_scheme(where: str, scheme: str, pin: str | None, chain: Chain) -> None:
    """Refuse a server that cannot serve the chain, and a certificate where there is none."""
    if "+" in scheme and chain.family != "utxo":
        hint = "write http:// or https:// and a node's JSON-RPC endpoint"
        raise InputError(f"{where}: {scheme} does not serve {chain.name}", hint)
    if pin is not None and scheme != "electrum+tls":
        hint = "write electrum+tls:// where the certificate shall be checked"
        raise InputError(f"{where}: {scheme} has no certificate to pin", hint)


def _holds_key(text: str) -> bool:
    """Tell whether a word looks like a provider's key: long, of letters and digits both."""
    words: list[str] = _LONG_WORD.findall(text)
    return any(re.search("[0-9]", word) and re.search("[A-Za-z]", word) for word in words)


def _check_paths(declaration: Declaration) -> None:
    earlier = (*declaration.carried, declaration.previous, declaration.supersedes)
    folders = (one.folder for one in earlier if one is not None)
    where, own = "policies.folder", declaration.policies.folder
    try:
        if own is not None:
            check_path(own)
        where = "inputs"
        for path in declaration.paths():
            check_path(path)
        refuse_shared(declaration.paths())
        refuse_within(declaration.inputs.paths().values(), folders)
    except InputError as error:
        raise InputError(f"{where}: {error.what}", error.hint) from error


def _check_restated(declaration: Declaration) -> None:
    if declaration.restated and declaration.supersedes is None:
        hint = "name the statement that this one takes the place of"
        raise InputError("restated: there is no [supersedes]", hint)
    inputs = [one.input for one in declaration.restated]
    if len(set(inputs)) != len(inputs):
        raise InputError("restated: one input is named twice")


def _check_attestation(attestation: Attestation, registry: Registry) -> None:
    try:
        parse_time(attestation.as_of) if attestation.as_of is not None else None
    except InputError as error:
        raise InputError(f"attestation.as_of: {error.what}", error.hint) from error
    scope, wrapped = attestation.scope, attestation.wrapped_assets
    if not scope or len(set(scope)) != len(scope):
        fault = "a part is named twice" if scope else "empty"
        raise InputError(f"attestation.scope: {fault}", f"any of: {', '.join(ALL_SCOPES)}")
    _check_assets("attestation.own_assets", attestation.own_assets, attestation.network, registry)
    where = "attestation.wrapped_assets"
    for asset in _check_assets(where, wrapped, attestation.network, registry):
        if asset.wraps is None:
            raise InputError(f"{where}: {asset.id} does not wrap anything")


def _check_assets(
    where: str, named: tuple[AssetId, ...], network: Network, registry: Registry
) -> tuple[Asset, ...]:
    """Give the registry's rows of assets, each named once and on the network."""
    if len(set(named)) != len(named):
        raise InputError(f"{where}: an asset is named twice")
    try:
        rows = tuple(registry.asset(asset) for asset in named)
    except InputError as error:
        raise InputError(f"{where}: {error.what}", "write CAIP-19 as the registry does") from error
    for asset in named:
        _check_network(where, chain_of_asset(asset), network, registry)
    return rows


def _check_network(where: str, chain: str, network: Network, registry: Registry) -> None:
    row = registry.chain(chain)
    if row.network != network:
        found = f"{row.name} is a {row.network} network, the declaration says {network}"
        raise InputError(f"{where}: {found}")
