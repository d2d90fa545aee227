"""Controls of an earlier statement, carried forward by digest: one folder for each statement.

    [[carried]]
    folder = "earlier/0006"

    earlier/0006/payload.json         the earlier statement's bytes
                 envelope.dsse.json   the envelope around them
                 signer.pub.pem       the key whose digest the envelope names
                 claims.csv           the files that its `inputs` list by digest
                 challenges.json

Cold wallets are not opened for every statement. What their keys signed for an earlier one stays a
proof, as old as it is: the claims are judged again with the texts of then, whose validity is
measured at the time of then, and with what the chains say at today's pins of contract wallets,
permissions, code and transfers. How old a proof may be is the rule `control_age/1`'s to say.

Checked before anything is judged (a fault refuses the inputs):

1. the envelope is around the payload, and its signature is of the key in the folder, which is the
   one it names. Whether that key is trusted is for whoever verifies to say: nothing here rests on
   its word but which claims there were, and those are judged anew;
2. the payload is an attestation of the same entity and network;
3. its inputs list exactly the claims and the challenges in the folder;
4. the texts are what their own fields give, signed by their issuer if at all, for that entity;
5. it is about an earlier time than this statement (`refuse_later`, where that time is known).

A later claim about the same accounts takes an earlier one's place, whatever comes of it
(`superseded`): else a contract wallet whose owners changed could never be claimed again beside
what was carried. It hides nothing, because the later claim is judged for itself.

Refused: carrying controls as they were judged then. Nobody could check them, and owners change.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.challenges import check_signature
from attest.earlier import HINT, read_stated
from config.challenges import Challenges, parse_challenges
from config.claims import Claim, Reading, open_claims, read_claims
from config.errors import InputError
from config.times import format_time
from proofs.challenge import check_entity, check_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.declaration import Entity
    from proofs.control import Control


@dataclass(frozen=True, slots=True)
class Earlier:
    """A carried statement's part in this one."""

    folder: str
    digest: str
    """SHA-256 of its payload, hex."""
    keyid: str
    """The key that signed it."""
    as_of: int
    """Unix seconds it is about."""
    file: bytes
    """Its claims.csv."""
    claims: tuple[Claim, ...]
    challenges: Challenges

    @property
    def name(self) -> str:
        """Name the claims file, for messages."""
        return f"{self.folder}/claims.csv"


def read_earlier(
    folder: str, files: Mapping[str, bytes], entity: Entity, reading: Reading
) -> Earlier:
    """Read the folder of a carried statement.

    Args:
        folder: its path beside the declaration.
        files: its files, by their names in it.
        entity: whose statement this is.
        reading: what the rows of its claims are read by, with this statement's network.

    Raises:
        InputError: the first of the checks above that fails.
    """
    claims, issued = files["claims.csv"], files["challenges.json"]
    stated = read_stated(folder, files, entity, reading.network or "")
    listed = frozenset(stated.inputs.values())
    for name, data in (("claims.csv", claims), ("challenges.json", issued)):
        if (met := hashlib.sha256(data).hexdigest()) not in listed:
            found = f"digest {met} is none of those that the earlier statement lists"
            raise InputError.at(f"{folder}/{name}", "", found, HINT)
    name = f"{folder}/challenges.json"
    challenges = parse_challenges(issued, name)
    check_texts(challenges, name)
    check_signature(challenges)
    check_entity(challenges, stated.entity, name)
    return Earlier(
        folder,
        stated.digest,
        stated.keyid,
        stated.as_of,
        claims,
        tuple(read_claims(open_claims(claims, f"{folder}/claims.csv"), reading)),
        challenges,
    )


def refuse_later(carried: tuple[Earlier, ...], as_of: int) -> None:
    """Refuse a statement carried to an earlier one or to itself, or carried twice.

    Raises:
        InputError: names the folder.
    """
    seen: dict[str, str] = {}
    for one in carried:
        if one.as_of >= as_of:
            found = f"about {format_time(one.as_of)}, this statement about {format_time(as_of)}"
            raise InputError.at(f"{one.folder}/payload.json", "predicate.asOf", found)
        if one.digest in seen:
            found = f"the same statement as in {seen[one.digest]}"
            raise InputError.at(f"{one.folder}/payload.json", "", found)
        seen[one.digest] = one.folder


def set_aside(
    claims: Iterable[Claim],
    carried: tuple[Earlier, ...],
    judged: tuple[tuple[Control, ...], ...],
) -> tuple[Control, ...]:
    """Give the carried controls, those unproved whose accounts a later claim names.

    Args:
        claims: this statement's own.
        carried: the earlier statements.
        judged: what came of the claims of each.
    """
    named = {subject.id for claim in claims for subject in claim.subjects}
    found: dict[str, tuple[Control, ...]] = {}
    latest_first = sorted(range(len(carried)), key=lambda at: carried[at].as_of, reverse=True)
    for at in latest_first:
        found[carried[at].digest] = tuple(
            _superseded(control) if named.issuperset(control.account.split(" ")) else control
            for control in judged[at]
        )
        named |= {subject.id for claim in carried[at].claims for subject in claim.subjects}
    return tuple(control for one in carried for control in found[one.digest])


def _superseded(control: Control) -> Control:
    return replace(
        control,
        outcome="unproved",
        grade=None,
        reason="superseded",
        warnings=(),
        subjects=(),
        signatures=(),
        keyid="",
        signed_at=None,
    )
