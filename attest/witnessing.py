"""A witness's row for claims.csv: the document made, signed, and judged as it will be later.

    account,scheme,message,signature,public_key,script,signer
    ethereum:0xd8dA…,witnessed,@challenge,MEUC…,MFkw…,eyJh…,

The row is judged before it is given out, with the same function that judges it later, so that the
auditor does not learn weeks afterwards that it was void. A row is added to a file by the file's own
header, and the file is read again whole before it is written: a quote that was left open above it
would swallow the row.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chains.families import ChainAddresses
from config.claims import (
    CHALLENGE,
    EVERY_EVM,
    MAX_BYTES,
    Claim,
    Reading,
    parse_claims,
    parse_subjects,
)
from config.errors import InputError, shown
from config.text import decode
from config.times import format_time, parse_time
from proofs.ceremony import PAYLOAD_TYPE, build_ceremony, write_ceremony
from proofs.challenge import build_text
from proofs.check import check
from proofs.claimed import Grounds, signing_of
from proofs.control import InvalidProof
from proofs.dsse import pae
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from attest.keys import SigningKey
    from config.challenges import Challenges
    from config.registry import Registry

SCHEME = "witnessed"
COLUMNS = ("account", "scheme", "message", "signature", "public_key", "script", "signer")


@dataclass(frozen=True, slots=True)
class Watched:
    """What the witness says."""

    accounts: str
    """As the column `account` of claims.csv has it."""
    witness: str
    held_at: int
    """Unix seconds."""
    what: str
    """One of `proofs.ceremony.What`."""
    place: str | None = None
    signer: str = ""
    """For an extended key: the path after it of the key that was used."""


def witness_row(
    watched: Watched, challenges: Challenges, registry: Registry, key: SigningKey
) -> dict[str, str]:
    """Make a signed row, by column.

    Raises:
        InputError: no text was issued for an account, the ceremony was not held while the texts
            were valid, or the document cannot be made of what is said.
        SigningError: the key cannot sign.
    """
    subjects = parse_subjects(watched.accounts, Reading(registry, ChainAddresses(), SCHEMES))
    for subject in subjects:
        if subject.kind == "every_evm":
            hint = "name the account on the chain whose use was watched"
            raise InputError(f"a witness sees one chain, met {EVERY_EVM}", hint)
        if subject.id not in challenges.texts:
            hint = "issue the texts for the whole declaration with attest challenge"
            raise InputError(f"no text was issued for {shown(subject.id, 120)}", hint)
    _check_time(watched.held_at, challenges)
    claim = Claim(0, subjects, SCHEME, CHALLENGE, "", signer=watched.signer)
    text = build_text(challenges, subjects[0].id).encode()
    document = _document(watched, claim, text, registry)
    der = key.public.raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "account": claim.account,
        "scheme": SCHEME,
        "message": CHALLENGE,
        "signature": _text(key.sign(pae(PAYLOAD_TYPE, document))),
        "public_key": _text(der),
        "script": _text(document),
        "signer": watched.signer,
    }


def add_row(
    file: bytes | None, name: str, row: dict[str, str], challenges: Challenges, registry: Registry
) -> bytes:
    """Give a claims file with one more row.

    Args:
        file: the file as it stands; None for a new one.
        name: its name, for messages.
        row: the row by column.
        challenges: the issued texts, by which the row is judged.
        registry: the chains known.

    Raises:
        InputError: the file is refused, has no column for a cell, or the row proves nothing.
    """
    header = COLUMNS if file is None else _header(file, name)
    lacking = [column for column, cell in row.items() if cell and column not in header]
    if lacking:
        hint = f"add {', '.join(lacking)} to the first line, and a comma for each to every row"
        raise InputError.at(name, "line 1", f"columns missing: {', '.join(lacking)}", hint)
    before = _written([header]) if file is None else _ended(file)
    whole = before + _written([[row.get(column, "") for column in header]])
    claims = parse_claims(whole, name, registry, ChainAddresses(), SCHEMES)
    (control,) = check(claims[-1:], registry, challenges, None, None)
    if (control.account, control.outcome) != (row["account"], "proved"):
        raise InputError(f"the row would not hold: {control.outcome}, {control.reason}")
    return whole


def _document(watched: Watched, claim: Claim, text: bytes, registry: Registry) -> bytes:
    try:
        signing = signing_of(claim, Grounds(registry, None, None, None), text)
    except InvalidProof as error:
        hint = "give the path of the key that was used with --signer, such as 0/5"
        raise InputError(f"no key of {shown(claim.account, 120)}: {error.reason}", hint) from error
    stated: dict[str, object] = {
        "version": "v0",
        "accounts": [f"{signing.chain.id}:{address}" for address in signing.addresses],
        "message_sha256": hashlib.sha256(text).hexdigest(),
        "witness": watched.witness,
        "held_at": format_time(watched.held_at),
        "what": watched.what,
        "place": watched.place,
    }
    return write_ceremony(build_ceremony(stated))


def _check_time(held_at: int, challenges: Challenges) -> None:
    issued, expires = challenges.issuedAt, challenges.expiresAt
    if not parse_time(issued) <= held_at <= parse_time(expires):
        found = f"held at {format_time(held_at)}, the texts are valid from {issued} to {expires}"
        raise InputError(found, "a ceremony is about the texts that were valid when it was held")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _header(file: bytes, name: str) -> tuple[str, ...]:
    """Give the columns of a file that may have no rows yet; what else is wrong is found later."""
    try:
        return tuple(next(csv.reader(io.StringIO(decode(file, name, MAX_BYTES), newline=""))))
    except csv.Error as error:
        raise InputError.at(name, "line 1", "not a row of CSV") from error


def _ended(file: bytes) -> bytes:
    return file if file.endswith(b"\n") else file + b"\n"


def _written(rows: list[tuple[str, ...] | list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
