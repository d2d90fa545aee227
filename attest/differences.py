"""Where the signer's criteria and the verifier's own are not the same.

A bundle carries the registry rows and packs it was judged by; they are the signer's. A changed
token address, decimals or limit would make another number look right, so every difference in what
was used is listed, and the verifier's own criteria judge again.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar

from attest.inputs import registry_of
from attest.verdict import Note
from config.caip import chain_of_asset
from config.policy import parse_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.inputs import Criteria
    from attest.pipeline import Work
    from chains.snapshot import Snapshot
    from config.feeds import Feed
    from config.forwarders import Forwarder
    from config.policy import Pack
    from config.registry import Asset, Chain, Instrument, Registry
    from config.slots import Slot

K = TypeVar("K", bound=str)

FREE_TEXT = frozenset({"source", "checked", "title", "escrows_source", "meaning"})
"""Fields of a registry row, or of a row inside it, that explain it and judge nothing."""

NAMED = 20
"""Balances that are named; a statement with more of them is not worth a longer list."""


def differences(work: Work, own: Criteria) -> tuple[Note, ...]:
    """List every difference in the rows and rules that a statement used.

    Args:
        work: the signer's work, made again from the bundle.
        own: the verifier's registry, and the packs he has of the names the signer chose.
    """
    return (*_registry_differences(work, own), *_pack_differences(work, own))


def _registry_differences(work: Work, own: Criteria) -> tuple[Note, ...]:
    mine, theirs = registry_of(own), work.inputs.registry
    chains = {plan.chain.id for plan in work.plans}
    instruments = {one.instrument for one in work.predicate.comparison}
    return (
        *_rows(
            "registry_chain",
            {row.id: row for row in theirs.chains if row.id in chains},
            {row.id: row for row in mine.chains if row.id in chains},
        ),
        *_rows(
            "registry_asset",
            {row.id: row for row in theirs.assets if chain_of_asset(row.id) in chains},
            {row.id: row for row in mine.assets if chain_of_asset(row.id) in chains},
        ),
        *_rows(
            "registry_instrument",
            {row.id: row for row in theirs.instruments if row.id in instruments},
            {row.id: row for row in mine.instruments if row.id in instruments},
        ),
        *_rows(
            "registry_slot",
            {row.asset: row for row in theirs.slots if chain_of_asset(row.asset) in chains},
            {row.asset: row for row in mine.slots if chain_of_asset(row.asset) in chains},
        ),
        *_rows("registry_instrument", _feeds(work, theirs), _feeds(work, mine)),
        *_rows("registry_forwarder", _forwarders(work, theirs), _forwarders(work, mine)),
    )


def _feeds(work: Work, registry: Registry) -> dict[str, Feed]:
    """Give the price feeds by what they price, none where the declaration asks for none."""
    asked = work.inputs.declaration.attestation.price_feeds
    return {f"feed {row.pair}": row for row in registry.feeds} if asked else {}


def _forwarders(work: Work, registry: Registry) -> dict[str, Forwarder]:
    """Give the rows by name, none where no account is declared with a parent."""
    used = any(account.parent is not None for account in work.inputs.accounts.rows)
    return {row.name: row for row in registry.forwarders} if used else {}


def _rows(
    code: str,
    signed: Mapping[K, Chain | Asset | Instrument | Slot | Forwarder | Feed],
    own: Mapping[K, Chain | Asset | Instrument | Slot | Forwarder | Feed],
) -> tuple[Note, ...]:
    notes = []
    for key in sorted(own.keys() | signed.keys()):
        if key not in own or key not in signed:
            whose = "the signer" if key in signed else "the verifier"
            notes.append(Note(code, f"{key}: only {whose} has this row"))
            continue
        for name in own[key].__dataclass_fields__:
            left, right = getattr(signed[key], name), getattr(own[key], name)
            if name not in FREE_TEXT and facts(left) != facts(right):
                notes.append(Note(code, f"{key}: {name}: signer {left}, verifier {right}"))
    return tuple(notes)


def facts(value: object) -> object:
    """Leave the free text out of a row, or of a value that is one, such as an asset's rate."""
    if isinstance(value, tuple):
        return tuple(facts(one) for one in value)
    if not is_dataclass(value):
        return value
    return {
        field.name: facts(getattr(value, field.name))
        for field in fields(value)
        if field.name not in FREE_TEXT
    }


def balance_differences(signed: Snapshot, own: Snapshot) -> tuple[Note, ...]:
    """Name the balances that the same evidence gives otherwise by the verifier's own rows.

    Args:
        signed: what the statement was made from.
        own: the same evidence, decoded by the verifier's registry.
    """
    theirs, mine = _known(signed), _known(own)
    found = [
        Note("registry_balance", f"{key}: signer {_said(theirs, key)}, verifier {_said(mine, key)}")
        for key in sorted(theirs.keys() | mine.keys())
        if theirs.get(key) != mine.get(key)
    ]
    return tuple(found[:NAMED])


def _known(snapshot: Snapshot) -> dict[str, tuple[int, int, str]]:
    return {
        f"{one.account} {one.asset}": (one.units, one.immature, one.evidence)
        for chain in snapshot.chains
        for one in chain.balances
    }


def _said(known: Mapping[str, tuple[int, int, str]], key: str) -> str:
    if key not in known:
        return "nothing"
    units, immature, evidence = known[key]
    return f"{units} and {immature} immature ({evidence})"


def _pack_differences(work: Work, own: Criteria) -> tuple[Note, ...]:
    mine = {name: parse_pack(data, name) for name, data in own.packs}
    notes: list[Note] = []
    for name, data in work.inputs.policy.texts:
        if name not in mine:
            notes.append(Note("pack", f"{name}: the verifier has no pack of this name"))
        else:
            notes += _rules(name, parse_pack(data, name), mine[name])
    chosen = {name for name, _ in work.inputs.policy.texts}
    notes += [
        Note("pack", f"{name}: only the verifier judges by this pack")
        for name in mine
        if name not in chosen
    ]
    replaced = work.inputs.declaration.policies.parameters
    notes += [
        Note("parameter", f"{key} = {value!r} is stated in the declaration")
        for key, value in sorted(replaced.items())
    ]
    return tuple(notes)


def _rules(name: str, theirs: Pack, mine: Pack) -> list[Note]:
    notes = []
    left, right = ((one.version, _blocks(one)) for one in (theirs, mine))
    if left != right:
        notes.append(
            Note(
                "pack",
                f"{name}: signer version {left[0]} in {left[1]}, "
                f"verifier version {right[0]} in {right[1]}",
            )
        )
    if theirs.calendar != mine.calendar:
        days = f"signer {theirs.calendar}, verifier {mine.calendar}"
        notes.append(Note("pack", f"{name}: calendar: {days}"))
    if theirs.standing != mine.standing:
        text = f"{name}: standing: signer {theirs.standing}, verifier {mine.standing}"
        notes.append(Note("pack", text))
    signed = {rule.id: rule for rule in theirs.rule}
    own = {rule.id: rule for rule in mine.rule}
    for key in sorted(own.keys() | signed.keys()):
        if key not in own or key not in signed:
            whose = "the signer" if key in signed else "the verifier"
            notes.append(Note("rule", f"{name}/{key}: only {whose} has this rule"))
            continue
        for field in ("kind", "severity", "required", "parameters", "standing"):
            one, other = getattr(signed[key], field), getattr(own[key], field)
            if one != other:
                notes.append(Note("rule", f"{name}/{key}: {field}: signer {one}, verifier {other}"))
    return notes


def _blocks(pack: Pack) -> str:
    """Name the blocks in which findings of a pack stand."""
    return ", ".join(sorted({pack.block_of(rule) for rule in pack.rule}))
