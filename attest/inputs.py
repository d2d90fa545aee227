"""The inputs of an attestation, parsed together from named bytes.

A run takes the bytes from disk, a replay from a bundle; both call `parse_inputs`, so both read the
same declaration the same way. Names are those of a bundle:

    evidence/inputs/declaration.toml      the declaration
    evidence/inputs/<path>                every file its [inputs] name, under its own path
    evidence/inputs/<folder>/…            those of every statement that it carries forward
    criteria/registry/{chains,assets,instruments,slots}.toml
    criteria/policies/<pack>.toml

`Criteria` can be replaced: a verifier parses the signer's inputs with his own registry and packs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.books import document_names, extended, read_books, read_own_assets, show_rows
from attest.carried import Earlier, read_earlier
from attest.committed import liabilities_of, read_committed
from attest.linking import read_previous
from attest.restating import read_superseded
from attest.sealing import parse_salts, refuse_telling
from attest.subjects import check_list
from chains.families import ChainAddresses
from config.accounts import Accounts, parse_accounts
from config.books.cells import Reading
from config.challenges import Challenges, parse_challenges
from config.claims import Claim, parse_claims
from config.claims import Reading as Claiming
from config.declaration import Declaration, parse_declaration
from config.errors import InputError
from config.policy import Policy, assemble
from config.registry_files import DATA_FILES, parse_registry
from config.text import decode
from proofs.challenge import check_entity, check_texts, entity_line
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.books import Shown
    from attest.committed import Committed
    from attest.content import Files
    from attest.earlier import Stated
    from attest.restating import Supersession
    from config.books.books import Books
    from config.registry import Network, Registry


INPUTS = "evidence/inputs/"
DECLARATION = "evidence/inputs/declaration.toml"
REGISTRY = "criteria/registry/"
POLICIES = "criteria/policies/"

MAX_REGISTRY = 16 * 1024 * 1024
"""A hundred times what ships."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the facts are judged by: the registry and the chosen packs, as files."""

    registry: tuple[tuple[str, bytes], ...]
    """Name and bytes of each registry file."""
    packs: tuple[tuple[str, bytes], ...]
    """Name and bytes of each pack, in the declaration's order."""
    parameters: dict[str, int | str] | None = None
    """What replaces the packs' own figures; None: what the declaration states. A verifier gives
    none, so that no declared figure softens his own rules."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the entity declares, and what it is judged by."""

    registry: Registry
    declaration: Declaration
    accounts: Accounts
    claims: tuple[Claim, ...]
    challenges: Challenges | None
    books: Books
    shown: Mapping[tuple[str, str], Shown]
    """What shows a row of the books, by the kind of its file and its place there."""
    policy: Policy
    carried: tuple[Earlier, ...]
    """Earlier statements whose controls are carried forward."""
    files: tuple[tuple[str, bytes], ...]
    """Bundle name and bytes of each file, sorted by name."""
    superseded: Supersession | None = None
    """The statement for the same time that this one takes the place of."""
    committed: Committed | None = None
    """The commitment to what customers are owed."""
    previous: Stated | None = None
    """The statement of the series before this one."""
    salts: bytes | None = None
    """The secret that salts what the statement seals; None: it seals nothing."""

    @property
    def digests(self) -> dict[str, str]:
        """Give the SHA-256 of each input file, by its path beside the declaration."""
        return {
            name.removeprefix(INPUTS): hashlib.sha256(data).hexdigest()
            for name, data in self.files
            if name.startswith(INPUTS)
        }


def input_names(declaration: Declaration) -> dict[str, str]:
    """Give the path of each input file the declaration names, by what it is, or by the path."""
    return declaration.inputs.paths() | {path: path for path in declaration.earlier_paths()}


def claims_file(inputs: Inputs) -> tuple[str, bytes] | None:
    """Give the name and bytes of the claims file, None if the declaration names none."""
    name = inputs.declaration.inputs.claims
    return None if name is None else (name, dict(inputs.files)[INPUTS + name])


def registry_of(criteria: Criteria) -> Registry:
    """Parse the registry files; raise InputError."""
    texts = {name: decode(data, name, MAX_REGISTRY) for name, data in criteria.registry}
    return parse_registry(texts)


def criteria_in(files: Files) -> Criteria:
    """Take the criteria that travel in a bundle, packs in the order of its declaration.

    Raises:
        InputError: a registry file or a pack that the declaration names is not there.
    """
    registry = tuple((name, _file(files, REGISTRY + name)) for name in DATA_FILES)
    known = registry_of(Criteria(registry, ()))
    declaration = parse_declaration(_file(files, DECLARATION), "declaration.toml", known)
    packs = declaration.policies.packs
    return Criteria(
        registry, tuple((name, _file(files, f"{POLICIES}{name}.toml")) for name in packs)
    )


def named_documents(files: Files, criteria: Criteria) -> tuple[str, ...]:
    """List the documents, signatures and keys that rows of the books name, by path.

    Args:
        files: bundle name to bytes, of the declaration and every file it names.
        criteria: as for `parse_inputs`.

    Raises:
        InputError: the first fault of the books.
    """
    return _open_books(files, criteria).documents


@dataclass(frozen=True, slots=True)
class _Opened:
    """A declaration, the files it names, and its books."""

    declaration: Declaration
    paths: dict[str, str]
    data: dict[str, bytes]
    registry: Registry
    """With the entity's own assets."""
    books: Books
    documents: tuple[str, ...]


def _open_books(files: Files, criteria: Criteria) -> _Opened:
    shipped = registry_of(criteria)
    declaration = parse_declaration(_file(files, DECLARATION), "declaration.toml", shipped)
    paths = input_names(declaration)
    data = {kind: _file(files, INPUTS + path) for kind, path in paths.items()}
    reading = Reading(shipped, ChainAddresses(), declaration.attestation.network)
    own = read_own_assets(data, paths, reading)
    registry = extended(shipped, own)
    books = read_books(data, paths, replace(reading, registry=registry), own)
    documents = document_names(books, paths.values())
    return _Opened(declaration, paths, data, registry, books, documents)


def parse_inputs(files: Files, criteria: Criteria) -> Inputs:
    """Parse the declaration and every file it names.

    Args:
        files: bundle name to bytes; names the declaration does not give are ignored here.
        criteria: the registry and packs to judge by.

    Raises:
        InputError: the first fault of any file.
    """
    opened = _open_books(files, criteria)
    declaration, paths, data = opened.declaration, opened.paths, opened.data
    registry, addresses = opened.registry, ChainAddresses()
    network = declaration.attestation.network
    documents = {path: _file(files, INPUTS + path) for path in opened.documents}
    committed = read_committed(files)
    books = opened.books
    if committed is not None and "liabilities" not in data:
        books = replace(books, liabilities=liabilities_of(committed, registry))
    accounts = parse_accounts(data["accounts"], paths["accounts"], registry, addresses, network)
    return Inputs(
        registry=registry,
        declaration=declaration,
        accounts=accounts,
        claims=_claims(data, paths, registry, network),
        challenges=_challenges(data, paths, declaration, accounts),
        books=books,
        shown=show_rows(books, entity_line(declaration.entity), documents),
        policy=assemble(criteria.packs, _parameters(criteria, declaration)),
        carried=_earlier(data, declaration, Claiming(registry, addresses, SCHEMES, network)),
        files=_carried(files, (*paths.values(), *documents), criteria),
        superseded=read_superseded(declaration, data),
        committed=committed,
        previous=read_previous(declaration, data),
        salts=_salts(data, paths, documents),
    )


def _salts(
    data: dict[str, bytes], paths: dict[str, str], documents: Mapping[str, bytes]
) -> bytes | None:
    """Read the secret of the salts, if there is one; names of files are then shown to everyone."""
    if "salts" not in data:
        return None
    refuse_telling((*paths.values(), *documents))
    return parse_salts(data["salts"], paths["salts"])


def _claims(
    data: dict[str, bytes], paths: dict[str, str], registry: Registry, network: Network
) -> tuple[Claim, ...]:
    if "claims" not in data:
        return ()
    name = paths["claims"]
    return parse_claims(data["claims"], name, registry, ChainAddresses(), SCHEMES, network)


def _earlier(
    data: dict[str, bytes], declaration: Declaration, reading: Claiming
) -> tuple[Earlier, ...]:
    """Read the folders of carried statements."""
    return tuple(
        read_earlier(
            one.folder,
            {path.removeprefix(f"{one.folder}/"): data[path] for path in one.paths()},
            declaration.entity,
            reading,
        )
        for one in declaration.carried
    )


def _challenges(
    data: dict[str, bytes], paths: dict[str, str], declaration: Declaration, accounts: Accounts
) -> Challenges | None:
    if "challenges" not in data:
        return None
    challenges = parse_challenges(data["challenges"], paths["challenges"])
    check_texts(challenges, paths["challenges"])
    check_entity(challenges, declaration.entity, paths["challenges"])
    check_list(challenges, accounts, paths["challenges"])
    return challenges


def _parameters(criteria: Criteria, declaration: Declaration) -> dict[str, int | str]:
    stated = criteria.parameters
    return declaration.policies.parameters if stated is None else stated


def _carried(
    files: Files, paths: tuple[str, ...], criteria: Criteria
) -> tuple[tuple[str, bytes], ...]:
    named = [(INPUTS + path, bytes(files[INPUTS + path])) for path in set(paths)]
    rows = [(REGISTRY + name, data) for name, data in criteria.registry]
    packs = [(f"{POLICIES}{name}.toml", data) for name, data in criteria.packs]
    return tuple(sorted([(DECLARATION, bytes(files[DECLARATION])), *named, *rows, *packs]))


def _file(files: Files, name: str) -> bytes:
    try:
        return bytes(files[name])
    except KeyError as error:
        raise InputError(f"file is missing: {name}") from error
