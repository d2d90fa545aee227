"""An earlier statement of the same entity, from its payload, envelope and key. Pure.

The envelope's signature is checked with the key that lies beside it, which shows that the three
belong together. Whether that key is trusted is for whoever verifies to say.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest import sealing
from attest.envelope import open_envelope
from attest.errors import InvalidEnvelope
from attest.keys import load_public
from attest.predicate import ATTESTATION_TYPE
from attest.statement import read_statement
from config.declaration import Entity
from config.earlier import SEALED
from config.errors import InputError
from config.strict import parse
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.statement import Statement

INPUTS = "evidence/inputs/"
"""Where a bundle has its inputs, as `attest.inputs` says."""
HINT = "make the folder with attest carry, from the whole earlier bundle"


@dataclass(frozen=True, slots=True)
class Stated:
    """What is read of an earlier statement; whatever else it says is its own affair."""

    digest: str
    """SHA-256 of its payload, hex."""
    keyid: str
    """The key that signed it."""
    entity: Entity
    network: str
    as_of: int
    """Unix seconds it is about."""
    series: str
    sequence: int
    inputs: Mapping[str, str]
    """SHA-256 of each input file, by its path; those of a sealed statement from its list."""
    comparison: tuple[object, ...]
    """Its comparison of instruments, as it wrote it."""
    previous: str | None
    """SHA-256 of the payload that it stands after, hex; None: it names none."""
    committed: str | None = None
    """Set hash of its commitment to liabilities, hex; None if it has none."""


def read_stated(folder: str, files: Mapping[str, bytes], entity: Entity, network: str) -> Stated:
    """Read a statement that an earlier bundle made.

    Args:
        folder: its path beside the declaration, for messages.
        files: `config.earlier.STATEMENT_FILES`, by their names, and the list of what is sealed.
        entity: whose statement the new one is.
        network: the new one's.

    Raises:
        InputError: the envelope is not around the payload, or not signed by the key; no attestation
            of this form, of this entity and this network.
    """
    keyid = _signer(folder, files)
    name = f"{folder}/payload.json"
    stated = _read(files, name, keyid)
    _check_same(name, stated, entity, network)
    return stated


def _signer(folder: str, files: Mapping[str, bytes]) -> str:
    """Give the keyid of the key that signed the payload."""
    name = f"{folder}/envelope.dsse.json"
    key = load_public(files["signer.pub.pem"], f"{folder}/signer.pub.pem")
    try:
        payload, _ = open_envelope(files["envelope.dsse.json"], (key,))
    except InvalidEnvelope as error:
        raise InputError.at(name, "", f"{error.reason}: {error.what}", HINT) from error
    if payload != files["payload.json"]:
        raise InputError.at(name, "", "the envelope is around other bytes than the payload", HINT)
    return key.keyid


def _read(files: Mapping[str, bytes], name: str, keyid: str) -> Stated:
    payload = files["payload.json"]
    statement = read_statement(payload)
    if statement.predicate_type != ATTESTATION_TYPE:
        found = f"predicate type is {statement.predicate_type!r}, expected {ATTESTATION_TYPE!r}"
        raise InputError.at(name, "predicateType", found)
    match statement.predicate:
        case {
            "asOf": {"time": str(time)},
            "network": str(network),
            "responsibleParty": {"name": str(party), "lei": str() | None as lei},
            "series": {"id": str(series), "sequence": str(sequence), "previous": previous},
            "inputs": list(inputs),
            "comparison": list(comparison),
        } if sequence.isascii() and sequence.isdecimal():
            return Stated(
                digest=hashlib.sha256(payload).hexdigest(),
                keyid=keyid,
                entity=parse(Entity, {"name": party, "lei": lei}, name),
                network=network,
                as_of=parse_time(time),
                series=series,
                sequence=int(sequence),
                inputs=_digests(inputs, name, _sealed(statement, files, name)),
                comparison=tuple(comparison),
                previous=_link_of(previous, name),
                committed=_set_of(statement.predicate.get("commitment"), name),
            )
        case _:
            raise InputError.at(name, "predicate", "keys or values have the wrong form")


def _link_of(previous: object, name: str) -> str | None:
    match previous:
        case None:
            return None
        case {"payloadSha256": str(digest)}:
            return digest
        case _:
            raise InputError.at(name, "predicate.series.previous", "not of the form")


def _set_of(commitment: object, name: str) -> str | None:
    match commitment:
        case None:
            return None
        case {"set": str(digest)}:
            return digest
        case _:
            raise InputError.at(name, "predicate.commitment", "not of the form")


def _sealed(statement: Statement, files: Mapping[str, bytes], name: str) -> dict[str, str]:
    """Give the digests that the statement keeps apart, by the name in its bundle."""
    if SEALED not in files:
        return {}
    listed = files[SEALED]
    if hashlib.sha256(listed).hexdigest() != statement.subjects.get(sealing.SEALED):
        raise InputError.at(name, "subject", f"{SEALED} is not the list of this statement", HINT)
    return sealing.read_list(listed)


def _digests(inputs: list[object], name: str, sealed: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in inputs:
        match one:
            case {"name": str(path), "sha256": str(digest)}:
                found[path] = digest
            case {"name": str(path), "sha256": None} if f"{INPUTS}{path}" in sealed:
                found[path] = sealed[f"{INPUTS}{path}"]
            case {"sha256": None}:
                hint = "say sealed = true where the folder is named; attest carry writes the list"
                raise InputError.at(name, "predicate.inputs", "a sealed statement", hint)
            case _:
                raise InputError.at(name, "predicate.inputs", "an entry has the wrong form")
    return found


def _check_same(name: str, stated: Stated, entity: Entity, network: str) -> None:
    """Refuse another entity's statement: by the LEI where both have one, else by the name."""
    theirs = stated.entity
    both = (theirs.lei, entity.lei) if theirs.lei and entity.lei else (theirs.name, entity.name)
    if both[0] != both[1]:
        found = f"a statement of {both[0]!r}, the declaration says {both[1]!r}"
        raise InputError.at(name, "predicate.responsibleParty", found)
    if stated.network != network:
        found = f"a statement about {stated.network!r}, the declaration says {network!r}"
        raise InputError.at(name, "predicate.network", found)
