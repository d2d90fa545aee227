"""Inputs from disk: declaration, the files it names, criteria, keys and passphrases."""

from __future__ import annotations

import getpass
import os
import sys
import time
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from attest.cli.console import Progress
from attest.cli.packs import packs_of
from attest.committed import COMMITMENT
from attest.disk import read_file, read_observation, scratch_file, view_file
from attest.frame_records import Tool
from attest.inputs import (
    DECLARATION,
    INPUTS,
    Criteria,
    Inputs,
    input_names,
    named_documents,
    parse_inputs,
)
from attest.keys import MAX_KEY_FILE, check_enrolled, load_public, load_signing
from attest.report.forms import LATEST
from attest.sampling import size_of
from attest.signers.schemes import PLACES, open_key, scheme_of
from attest.version import TOOL_NAME, source_digest, tool_version
from chains.evidence import Surroundings
from chains.families import ChainAddresses
from config.books.assets import parse_own_assets, with_own_assets
from config.books.cells import MAX_BYTES as MAX_BOOKS
from config.books.cells import Reading
from config.declaration import MAX_BYTES, Declaration, parse_declaration
from config.errors import InputError, shown
from config.policy import assemble, shipped_pack, shipped_packs
from config.registry_files import DATA_FILES, load_registry
from config.times import parse_time
from proofs.liabilities.commitment import MAX_COMMITMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.keys import PublicKey, SigningKey
    from chains.evidence import Source
    from config.caip import ChainId
    from config.declaration import ChainSources
    from config.registry import Network, Registry

PUBLIC_PEM = b"-----BEGIN PUBLIC KEY-----"


def shipped_registry() -> tuple[tuple[str, bytes], ...]:
    """Give the registry files shipped with the tool."""
    folder = resources.files("config") / "data"
    return tuple((name, (folder / name).read_bytes()) for name in DATA_FILES)


def pack_or_none(name: str) -> bytes | None:
    """Give the shipped pack of a name, None if there is none."""
    return shipped_pack(name) if name in shipped_packs() else None


def reading_of(assets: Path | None, *, test: bool) -> Reading:
    """Give what books are read by: the shipped registry, with the exchange's own assets if any."""
    network: Network = "test" if test else "main"
    reading = Reading(load_registry(), ChainAddresses(), network)
    if assets is None:
        return reading
    own = parse_own_assets(read_file(assets, MAX_BOOKS), assets.name, reading)
    return replace(reading, registry=with_own_assets(reading.registry, own))


def declaration_of(path: Path) -> Declaration:
    """Read a declaration alone."""
    return parse_declaration(read_file(path, MAX_BYTES), path.name, load_registry())


def gather(path: Path, commitment: Path | None = None) -> tuple[dict[str, bytes], Criteria]:
    """Read a declaration and every file it names, with the criteria that it chooses.

    Args:
        path: of the declaration.
        commitment: path of the commitment to liabilities, where there is one.

    Returns:
        The bytes by bundle name, and the criteria.

    Raises:
        InputError: a file is missing or refused.
    """
    declaration = declaration_of(path)
    files = {DECLARATION: read_file(path, MAX_BYTES)}
    for name in input_names(declaration).values():
        files[INPUTS + name] = read_file(path.parent / name)
    criteria = Criteria(shipped_registry(), packs_of(declaration, path.parent))
    for name in named_documents(files, criteria):
        files[INPUTS + name] = read_file(path.parent / name)
    if commitment is not None:
        files[COMMITMENT] = read_file(commitment, MAX_COMMITMENT)
    return files, criteria


def sample_size_of(declaration: Declaration, beside: Path) -> int | None:
    """Give how many accounts of a group the rules that it chooses draw; None if none does."""
    return size_of(assemble(packs_of(declaration, beside), declaration.policies.parameters))


def inputs_of(path: Path) -> Inputs:
    """Read and parse a declaration with everything it names."""
    files, criteria = gather(path)
    return parse_inputs(files, criteria)


def as_of(declaration: Declaration, at: str | None) -> int:
    """Give the time of the statement: from the command line, else from the declaration."""
    stated = parse_time(at) if at is not None else declaration.as_of
    if stated is None:
        hint = "state attestation.as_of in the declaration, or give --at TIME"
        raise InputError("the time of the statement is not given", hint)
    return stated


def tool() -> Tool:
    """Give this program's name and version."""
    return Tool(TOOL_NAME, tool_version(), source_digest(), LATEST)


def monotonic() -> float:
    """Give seconds that never go back."""
    return time.monotonic()


def surroundings() -> Surroundings:
    """Give the real world's waiting, progress and scratch files."""
    return Surroundings(time.sleep, Progress(monotonic), scratch_file, view_file)


def sources_of(
    tables: Mapping[ChainId, ChainSources], registry: Registry, folder: Path
) -> dict[ChainId, tuple[Source, ...]]:
    """Open the sources that a file's tables name, with this machine's environment and waiting."""
    from attest.observe import Machine, open_tables  # the network client is loaded here alone

    machine = Machine(os.environ, time.sleep, time.monotonic, read_observation)
    return open_tables(tables, registry, folder, machine)


def signing_key(key: str, passphrase_env: str | None, public: Path | None = None) -> SigningKey:
    """Open the attestation key, asking for its passphrase or PIN if it has one.

    Args:
        key: a PEM file's name, or a URI of `attest.signers.schemes`.
        passphrase_env: variable with the passphrase or PIN; None to ask.
        public: file of the public key that it must have; None to take the key as it is.

    Raises:
        InputError: a file is missing or refused, or no passphrase was given.
        SigningError: the key cannot be opened, or is not the one of `public`.
    """
    enrolled = None if public is None else load_public(_key_file(public), str(public))
    if (scheme := scheme_of(key)) is not None:
        ask = _secret(f"PIN of the {scheme} key", f"no PIN of the {scheme} key", passphrase_env)
        return open_key(key, enrolled, ask)
    path = _key_path(key)
    missing = f"{path} is encrypted and no passphrase"
    ask = _secret(f"passphrase of {path}", missing, passphrase_env)
    signer = load_signing(_key_file(path), str(path), ask)
    if enrolled is not None:
        check_enrolled(signer.public, enrolled)
    return signer


def optional_key(
    key: str | None, passphrase_env: str | None, public: Path | None
) -> SigningKey | None:
    """Open a key as `signing_key` does, where one is given; None otherwise."""
    if key is None and public is not None:
        raise InputError("--public is given without --key", "nothing is signed without a key")
    return None if key is None else signing_key(key, passphrase_env, public)


def shown_key(key: str, passphrase_env: str | None, public: Path | None = None) -> PublicKey:
    """Give the public key of a public or private key; the rest is as for `signing_key`."""
    if scheme_of(key) is not None or PUBLIC_PEM not in (data := _key_file(_key_path(key))):
        return signing_key(key, passphrase_env, public).public
    known = load_public(data, key)
    if public is not None:
        check_enrolled(known, load_public(_key_file(public), str(public)))
    return known


def _key_path(key: str) -> Path:
    """Give a key file's path; refuse what is meant as a URI, without repeating it."""
    path, scheme = Path(key), key.partition(":")[0]
    if scheme.isalnum() and scheme != key and not path.exists():
        hint = f"a file, or a URI of {', '.join(PLACES)}"
        raise InputError(f"no such file, and no such place of keys: {shown(scheme)}", hint)
    return path


def _key_file(path: Path) -> bytes:
    return read_file(path, MAX_KEY_FILE)


def _secret(prompt: str, missing: str, variable: str | None) -> Callable[[], bytes]:
    def ask() -> bytes:
        if variable is not None:
            return from_environment(variable)
        if not sys.stdin.isatty():
            hint = "give --passphrase-env NAME where there is no terminal"
            raise InputError(f"{missing} was given", hint)
        return getpass.getpass(f"{prompt}: ").encode()

    return ask


def from_environment(variable: str) -> bytes:
    """Give a passphrase from the environment; raise InputError if it is not set or empty."""
    value = os.environ.get(variable, "")
    if not value:
        raise InputError(f"environment variable {variable} is not set")
    return value.encode()
