"""Policy packs: rules as data, in `config/policies/<pack>.toml`.

A rule names its kind with a version (`coverage/2`), what it counts, and its limit. What a kind
computes is code in `attest/rules`; a pack is only data, so a regulator's rule can be read by
someone who reads no code. A pack is chosen in the declaration by name; parameters there replace a
rule's defaults and are printed with the result. A pack whose rules count days has a `[calendar]`
(`config.calendar`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.calendar import Calendar, check_calendar
from config.errors import InputError, shown
from config.strict import STRICT, parse
from config.text import decode
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024

Block = Literal["in_force", "proposals", "stress"]
PackName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Rule:
    """One rule of a pack."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,60}$")]
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[1-9][0-9]*$")]
    """Name and version of the computation."""
    title: str
    severity: Literal["fail", "warn"]
    """What a breach is: `fail` decides the outcome, `warn` is shown only."""
    reference: str = ""
    """Statute or standard."""
    parameters: dict[str, int | str | tuple[str, ...]] = Field(default_factory=dict)
    """Limits and choices of this rule; numbers with a fraction are decimal text."""
    required: bool = True
    """Whether the outcome waits for an answer: an unknown of a rule that is not required is shown,
    and decides nothing."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Pack:
    """A set of rules with one standing."""

    id: PackName
    version: str
    title: str
    block: Block
    """Where its findings stand: law and rules in force, proposals, or stress."""
    rule: tuple[Rule, ...]
    calendar: Calendar | None = None
    """How its place counts days; None: no rule of it counts any."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The packs that judge, with the declaration's parameters in place, and their bytes."""

    packs: tuple[Pack, ...]
    texts: tuple[tuple[str, bytes], ...]
    """Each pack's name and its file, as it travels in the bundle."""


def parse_pack(data: bytes, name: str) -> Pack:
    """Read a pack's file; raise InputError with the key path of the first fault."""
    pack = parse(Pack, parse_toml(decode(data, name, MAX_BYTES), name), name)
    _check_calendar(pack, name)
    if not pack.rule:
        raise InputError.at(name, "rule", "a pack without rules")
    ids = [rule.id for rule in pack.rule]
    twice = [rule for rule, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError.at(name, "rule", f"two rules with one id: {twice[0]!r}")
    return pack


def _check_calendar(pack: Pack, name: str) -> None:
    try:
        check_calendar(pack.calendar) if pack.calendar is not None else None
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error


def shipped_pack(name: str) -> bytes:
    """Give the file of a pack shipped with the tool; raise InputError if unknown."""
    folder = resources.files("config") / "policies"
    known = sorted(
        item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")
    )
    if name not in known:
        raise InputError(f"unknown policy pack: {shown(name)}", f"packs: {', '.join(known)}")
    return (folder / f"{name}.toml").read_bytes()


def assemble(texts: tuple[tuple[str, bytes], ...], parameters: dict[str, int | str]) -> Policy:
    """Make the policy of a run.

    Args:
        texts: name and file of each pack, in the declaration's order.
        parameters: `rule_id.parameter` and the value that replaces the rule's own.

    Raises:
        InputError: no pack, a pack twice or under another name, or a parameter that no chosen rule
            has, that rules of two packs have, or whose value is of another kind.
    """
    packs = tuple(_named(parse_pack(data, f"{name}.toml"), name) for name, data in texts)
    if not packs:
        raise InputError("policies.packs: empty", "the least is: packs = ['core']")
    if len({pack.id for pack in packs}) != len(packs):
        raise InputError("policies.packs: a pack is named twice")
    _check_parameters(packs, parameters)
    return Policy(tuple(_with_parameters(pack, parameters) for pack in packs), texts)


def _named(pack: Pack, name: str) -> Pack:
    """Refuse a pack that travels under the name of another."""
    if pack.id != name:
        raise InputError.at(f"{name}.toml", "id", f"pack is {pack.id!r}, its file is {name!r}")
    return pack


def _check_parameters(packs: tuple[Pack, ...], parameters: dict[str, int | str]) -> None:
    known: dict[str, list[int | str | tuple[str, ...]]] = {}
    for rule in (rule for pack in packs for rule in pack.rule):
        for key, value in rule.parameters.items():
            known.setdefault(f"{rule.id}.{key}", []).append(value)
    for key, value in parameters.items():
        if key not in known:
            hint = f"parameters: {', '.join(sorted(known))}"
            raise InputError(f"policies.parameters: unknown: {shown(key)}", hint)
        if len(known[key]) > 1:
            raise InputError(f"policies.parameters: {key!r} is of rules in {len(known[key])} packs")
        stated = known[key][0]
        if type(stated) is not type(value):
            met = f"{value!r:.80} for {stated!r:.80}"
            raise InputError(f"policies.parameters.{key}: not of the same kind: {met}")


def _with_parameters(pack: Pack, parameters: dict[str, int | str]) -> Pack:
    rules = tuple(
        Rule(
            rule.id,
            rule.kind,
            rule.title,
            rule.severity,
            rule.reference,
            {
                key: parameters.get(f"{rule.id}.{key}", value)
                for key, value in rule.parameters.items()
            },
            rule.required,
        )
        for rule in pack.rule
    )
    return replace(pack, rule=rules)
