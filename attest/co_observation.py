"""A co-observation: what another party read on the day, signed, compared account by account.

    observation.json, chains/…       an observation as `attest observe` writes it
    observation.dsse.json            an envelope around a statement whose subjects are those files

Some chains cannot be read again later: a Bitcoin node tells what is unspent now, and few nodes keep
old state. A party the verifier trusts can read the same accounts when the statement's reading is
made. Its evidence is replayed here with the statement's own plan, so what it left out is a failed
read; what it read must be the same, at the same block. Its word then stands for the block, and for
the balances of that block.

Refused: comparing readings of different blocks, however near. A balance that moved in between would
be excused, and that is the one to look at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.anchors import ChainCheck
from attest.envelope import open_envelope, seal
from attest.errors import InvalidEnvelope
from attest.observation import decode_observation
from attest.statement import build_statement, read_statement
from attest.verdict import Note
from chains.families import FAMILIES
from chains.movement import confirms
from config.errors import AttestError, InputError
from config.times import format_time

if TYPE_CHECKING:
    from attest.content import Files
    from attest.frame_records import Tool
    from attest.keys import SigningKey
    from attest.observation import Observation
    from attest.pipeline import Work
    from attest.trust import Trust
    from chains.evidence import ChainEvidence, ChainPlan
    from chains.snapshot import ChainSnapshot, Snapshot

OBSERVATION_TYPE = "urn:custody-attest:observation:v0"
ENVELOPE = "observation.dsse.json"
ROLES = frozenset({"observer", "auditor", "regulator"})
"""Parties of these roles may co-observe, unless they sign attestations too."""

NAMED = 20
"""Differences that are named; a statement with more of them is not worth a longer list."""


@dataclass(frozen=True, slots=True)
class CoObservation:
    """A signed observation whose signature was checked."""

    party: str
    observation: Observation


def sign_observation(files: Files, snapshot: Snapshot, tool: Tool, key: SigningKey) -> bytes:
    """Give the envelope around an observation's statement.

    Args:
        files: the observation's own files, by name.
        snapshot: what they show.
        tool: the program's name and version.
        key: of the party that observed.

    Raises:
        SigningError: the key cannot sign.
    """
    predicate: dict[str, object] = {
        "chains": [_pin(chain) for chain in snapshot.chains],
        "tool": {"name": tool.name, "version": tool.version},
    }
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return seal(build_statement(OBSERVATION_TYPE, predicate, digests), key)


def open_co_observation(files: Files, trust: Trust | None) -> CoObservation:
    """Check who signed an observation, and that the files are those he signed.

    Raises:
        InputError: not a signed observation, not signed by a party that may co-observe, or other
            files than those that were signed.
    """
    if ENVELOPE not in files:
        raise InputError(f"{ENVELOPE} is missing", "was it observed with --key?")
    parties = trust.parties if trust is not None else ()
    observers = [
        key
        for party in parties
        if ROLES & set(party.roles) and "attester" not in party.roles
        for key in party.keys
    ]
    keys = [one.key for one in observers if one.key is not None]
    try:
        payload, key = open_envelope(bytes(files[ENVELOPE]), keys)
    except InvalidEnvelope as fault:
        hint = "name the observer's key by its file in trust.toml, with the role observer"
        raise InputError(f"co-observation: {fault.what}", hint) from fault
    own = {name: data for name, data in files.items() if name != ENVELOPE}
    _require_subjects(payload, own)
    return CoObservation(
        trust.party_of(key.keyid) if trust is not None else "", decode_observation(own)
    )


def compare(work: Work, co: CoObservation) -> tuple[ChainCheck, ...]:
    """Compare a statement's reading with a co-observation, chain by chain."""
    evidence = {chain.chain: chain for chain in co.observation.chains}
    return tuple(
        _compare(plan, stated, evidence[plan.chain.id], co.party)
        for plan, stated in zip(work.plans, work.case.snapshot.chains, strict=True)
        if plan.chain.id in evidence
    )


def _compare(
    plan: ChainPlan, stated: ChainSnapshot, evidence: ChainEvidence, party: str
) -> ChainCheck:
    pin = stated.pin
    where = f"{pin.chain} {pin.height}: {party}"
    try:
        # One party is one voice, however many nodes it asked, and it need not have waited as long.
        met = FAMILIES[plan.chain.family].recheck(
            replace(plan, quorum=1, confirmations=1), evidence
        )
    except AttestError as fault:
        note = Note("not_read_again", f"{where}: {fault.what}")
        return ChainCheck(pin.chain, False, False, (note,))
    if met.pin.height != pin.height:
        note = Note("other_block", f"{where} read block {met.pin.height}")
        return ChainCheck(pin.chain, False, False, (note,))
    if (met.pin.block_hash, met.pin.block_time) != (pin.block_hash, pin.block_time):
        said = f"statement {pin.block_hash}, observed {met.pin.block_hash}"
        return ChainCheck(pin.chain, False, False, (Note("anchor_mismatch", f"{where}: {said}"),))
    notes = _differences(stated, met, where)
    return ChainCheck(pin.chain, confirmed=True, read_again=not notes, notes=notes)


def _differences(stated: ChainSnapshot, met: ChainSnapshot, where: str) -> tuple[Note, ...]:
    """List what was read otherwise, or not at all, of everything that is stated."""
    read = {(one.account, one.asset): (one.units, one.immature) for one in met.balances}
    answers = {answer.question: answer.value for answer in met.answers}
    coins = set(met.coins)
    notes = []
    for one in stated.balances:
        key = one.account, one.asset
        if key not in read:
            notes.append(Note("not_read_again", f"{where}: {one.account} {one.asset}"))
        elif read[key] != (one.units, one.immature):
            said = f"statement {one.units}, observed {read[key][0]}"
            notes.append(Note("balance_mismatch", f"{where}: {one.account} {one.asset}: {said}"))
    notes += [
        Note("balance_mismatch", f"{where}: coin {coin.txid}:{coin.vout} was not observed")
        for coin in stated.coins
        if coin not in coins
    ]
    for answer in stated.answers:
        heard = answers.get(answer.question)
        # Either party may have asked first, and what waited for a block then was mined since.
        if heard is None or not (confirms(answer.value, heard) or confirms(heard, answer.value)):
            code = "not_read_again" if heard is None else "answer_mismatch"
            notes.append(Note(code, f"{where}: {answer.question.kind} {answer.question.subject}"))
    return tuple(notes[:NAMED])


def _pin(chain: ChainSnapshot) -> dict[str, object]:
    pin = chain.pin
    return {
        "chain": pin.chain,
        "height": str(pin.height),
        "blockHash": pin.block_hash,
        "blockTime": format_time(pin.block_time),
        "read": str(len(chain.balances)),
        "failed": str(len(chain.failures)),
    }


def _require_subjects(payload: bytes, files: Files) -> None:
    statement = read_statement(payload)
    if statement.predicate_type != OBSERVATION_TYPE:
        raise InputError(
            f"co-observation: predicate type is {statement.predicate_type!r}, "
            f"expected {OBSERVATION_TYPE!r}"
        )
    met = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    if met != statement.subjects:
        names = sorted(
            name
            for name in met.keys() | statement.subjects.keys()
            if met.get(name) != statement.subjects.get(name)
        )
        raise InputError(f"co-observation: files are not those that were signed: {names}")
