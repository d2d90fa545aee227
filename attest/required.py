"""What a verifier requires of a statement, and what of it the statement does not have. Pure.

A pack is compared by its file. A rule is compared as it judged: with the figures that the
declaration puts in the place of the pack's own, which leave the pack's file as it is. Days are
counted by the calendar of the rule's pack, which is no part of the rule: to hold a signer to that,
require the pack too. Where a copy withholds the declaration no rule is known, and none is met.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from attest.book_records import Scope
from attest.inputs import DECLARATION, criteria_in, registry_of
from attest.statement import canonical
from attest.verdict import Note
from config.declaration import parse_declaration
from config.errors import InputError
from config.policy import Rule, assemble
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.content import Files
    from attest.trust import Trust

SECONDS_A_DAY = 86_400
_SCOPE = TypeAdapter(Scope)
_RULE = TypeAdapter(Rule)


def scope_digest(scope: Scope) -> str:
    """Give the SHA-256 of a scope's RFC 8785 form, hex."""
    return _digest(_SCOPE.dump_python(scope, mode="json", by_alias=True))


def rule_digest(rule: Rule) -> str:
    """Give the SHA-256 of a rule's RFC 8785 form, hex.

    Its title is words for people, and no part of it; everything else that it states is.
    """
    document = _RULE.dump_python(rule, mode="json", exclude_none=True)
    return _digest({key: value for key, value in document.items() if key != "title"})


def unmet(parts: Parts, files: Files, trust: Trust, today: int) -> tuple[Note, ...]:
    """List what the verifier requires and the statement does not have.

    Args:
        parts: the bundle.
        files: its files, of which the packs are read.
        trust: the verifier's.
        today: Unix seconds.
    """
    return (*_age(parts, trust, today), *_scope(parts, trust), *_criteria(parts, files, trust))


def _age(parts: Parts, trust: Trust, today: int) -> list[Note]:
    notes = []
    if trust.next_update is not None and today > trust.next_update:
        due = format_time(trust.next_update)
        notes.append(Note("trust_stale", f"its next update was due {due}"))
    age, most = today - parse_time(parts.predicate.as_of.time), trust.require.max_age_days
    if most is not None and age > most * SECONDS_A_DAY:
        notes.append(Note("too_old", f"{age} seconds, accepted are {most} days"))
    return notes


def _scope(parts: Parts, trust: Trust) -> list[Note]:
    require, scope = trust.require, parts.predicate.scope
    notes = [
        Note("scope_missing", part) for part in require.scope if part not in scope.subject_matter
    ]
    met = scope_digest(scope)
    if require.scope_sha256 is not None and require.scope_sha256.lower() != met:
        notes.append(Note("scope_mismatch", f"statement {met}, required {require.scope_sha256}"))
    return notes


def _criteria(parts: Parts, files: Files, trust: Trust) -> list[Note]:
    require, notes = trust.require, []
    packs = {criterion.id: criterion.sha256 for criterion in parts.predicate.criteria}
    for name, digest in require.packs.items():
        met = packs.get(f"policies/{name}.toml", "none")
        if met != digest.lower():
            notes.append(Note("pack_mismatch", f"{name}: bundle {met}, required {digest}"))
    rules = rules_in(files) if require.rules else {}
    for name, digest in require.rules.items():
        met = rules.get(name, "none")
        if met != digest.lower():
            notes.append(Note("rule_mismatch", f"{name}: bundle {met}, required {digest}"))
    return notes


def rules_in(files: Files) -> dict[str, str]:
    """Give the digest of every rule that judged a bundle, as it judged, by `pack/rule`.

    Nothing where the declaration or a pack is withheld, or cannot be read; then the replay says
    what is wrong.
    """
    try:
        criteria = criteria_in(files)
        data = bytes(files[DECLARATION])
        declared = parse_declaration(data, "declaration.toml", registry_of(criteria))
        policy = assemble(criteria.packs, declared.policies.parameters)
    except InputError:
        return {}
    return {
        f"{pack.id}/{rule.id}": rule_digest(replace(rule, standing=pack.standing_of(rule)))
        for pack in policy.packs
        for rule in pack.rule
    }


def _digest(document: object) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()
