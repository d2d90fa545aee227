"""Policy packs: rules as data, in `config/policies/<pack>.toml`.

A rule names its kind with a version (`coverage/2`), what it counts, and its limit. What a kind
computes is code in `attest/rules`; a pack is only data, so a regulator's rule can be read by
someone who reads no code. A pack is chosen in the declaration by name; parameters there replace a
rule's defaults, but for the figures of what is in force, and are printed with the result. A pack
whose rules count days has a `[calendar]` (`config.calendar`).

Whether a rule is law, since when and by which source is its `[rule.standing]` (`config.standing`),
or the pack's `[standing]`, which is then that of all its rules. A pack without any has a `block`.

A pack ships with this package or lies in the folder that the declaration names, and is read by the
same parser with the same checks.

Chosen: no folder may have a pack under the name of a shipped one. What a report says of `jp-psa` is
then one thing to everyone who has this program. Refused: letting an own pack take a shipped one's
place; a softer limit would stand under the law's name, and only the digest would tell.

Refused: a rule's test as text in its pack. It would say one thing and the kind another; what is
printed of a rule is made from the figures that judge (`attest.rules.formula`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.calendar import Calendar, check_calendar
from config.errors import InputError, shown
from config.standing import DATED, Block, Standing, check_standing
from config.strict import STRICT, parse
from config.text import decode
from config.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

MAX_BYTES = 1024 * 1024
CORE = "core"
"""The pack that every verifier judges by."""

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
    standing: Standing | None = None
    """Whether it is law, and how that is known; None: as of its pack."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Pack:
    """A set of rules of one place or purpose."""

    id: PackName
    version: str
    title: str
    rule: tuple[Rule, ...]
    block: Block | None = None
    """Where findings of rules without a standing stand; None: every rule has one."""
    calendar: Calendar | None = None
    """How its place counts days; None: no rule of it counts any."""
    jurisdiction: str | None = None
    """Whose rules they are, ISO 3166; None: nobody's."""
    standing: Standing | None = None
    """The standing of rules that state none."""

    def standing_of(self, rule: Rule) -> Standing | None:
        """Give where a rule stands, by itself or as its pack does; None: neither says."""
        return rule.standing or self.standing

    def block_of(self, rule: Rule) -> Block:
        """Give where a rule's findings stand; of a pack that was parsed every rule has a block."""
        standing = self.standing_of(rule)
        block = self.block if standing is None else standing.block
        if block is None:
            raise InputError(f"rule {rule.id!r} of pack {self.id!r} has neither standing nor block")
        return block


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
    for index, rule in enumerate(pack.rule):
        _check_standing(pack, rule, name, f"rule.{index}")
    return pack


def parse_named(data: bytes, name: str, file: str) -> Pack:
    """Read a pack's file and refuse it under another name than its own.

    Args:
        data: the file's bytes.
        name: by which the pack is chosen.
        file: the file's name, for messages.

    Raises:
        InputError: with the key path of the first fault.
    """
    pack = parse_pack(data, file)
    if pack.id != name:
        raise InputError.at(file, "id", f"pack is {pack.id!r}, its file is {name!r}")
    return pack


def _check_standing(pack: Pack, rule: Rule, name: str, where: str) -> None:
    """Refuse a rule whose place in the report, or right to fail a statement, nothing shows."""
    standing = pack.standing_of(rule)
    if standing is None:
        if pack.block is None:
            raise InputError.at(name, where, "neither the rule nor its pack has a standing")
        return
    try:
        check_standing(standing)
    except InputError as error:
        raise InputError.at(name, where, error.what, error.hint) from error
    if pack.block not in (None, standing.block):
        what = f"a rule that is {standing.status} in a pack of block {pack.block}"
        raise InputError.at(name, f"{where}.standing.status", what)
    if not rule.reference and standing.status != "own":
        raise InputError.at(name, f"{where}.reference", "missing: a rule that is not our own")
    if standing.grade == "unverified" and (rule.severity == "fail" or rule.required):
        what = "nobody has looked it up, so it warns and is not required"
        raise InputError.at(name, where, what, 'severity = "warn" and required = false')


def _check_calendar(pack: Pack, name: str) -> None:
    try:
        check_calendar(pack.calendar) if pack.calendar is not None else None
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error


def shipped_pack(name: str) -> bytes:
    """Give the file of a pack shipped with the tool; raise InputError if unknown."""
    folder = resources.files("config") / "policies"
    known = shipped_packs()
    if name not in known:
        raise InputError(f"unknown policy pack: {shown(name)}", f"packs: {', '.join(known)}")
    return (folder / f"{name}.toml").read_bytes()


def shipped_packs() -> tuple[str, ...]:
    """Give the names of the packs that are shipped, the core first."""
    folder = resources.files("config") / "policies"
    names = (item.name for item in folder.iterdir())
    found = sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return tuple(sorted(found, key=lambda name: name != CORE))


def pack_of(name: str, own: Mapping[str, bytes]) -> bytes:
    """Give the file of a pack: one of the user's own, or one that is shipped.

    Args:
        name: the pack's.
        own: the user's own packs by name.

    Raises:
        InputError: there is none of that name, or an own one has the name of a shipped one.
    """
    refuse_shipped(own)
    return own[name] if name in own else shipped_pack(name)


def refuse_shipped(own: Container[str]) -> None:
    """Refuse own packs of which one has the name of a shipped one; raise InputError."""
    for taken in shipped_packs():
        if taken in own:
            what = f"an own policy pack under the name of a shipped one: {taken}"
            raise InputError(what, "give it another name, in the file too")


def assemble(texts: tuple[tuple[str, bytes], ...], parameters: dict[str, int | str]) -> Policy:
    """Make the policy of a run.

    Args:
        texts: name and file of each pack, in the declaration's order.
        parameters: `rule_id.parameter` and the value that replaces the rule's own.

    Raises:
        InputError: no pack, a pack twice or under another name, or a parameter that no chosen rule
            has, that rules of two packs have, or whose value is of another kind.
    """
    packs = tuple(parse_named(data, name, f"{name}.toml") for name, data in texts)
    if not packs:
        raise InputError("policies.packs: empty", "the least is: packs = ['core']")
    if len({pack.id for pack in packs}) != len(packs):
        raise InputError("policies.packs: a pack is named twice")
    _check_parameters(packs, parameters)
    return Policy(tuple(_with_parameters(pack, parameters) for pack in packs), texts)


def _check_parameters(packs: tuple[Pack, ...], parameters: dict[str, int | str]) -> None:
    known: dict[str, list[tuple[Pack, Rule, str]]] = {}
    for pack in packs:
        for rule in pack.rule:
            for key in rule.parameters:
                known.setdefault(f"{rule.id}.{key}", []).append((pack, rule, key))
    for name, value in parameters.items():
        if name not in known:
            hint = f"parameters: {', '.join(sorted(known))}"
            raise InputError(f"policies.parameters: unknown: {shown(name)}", hint)
        if len(known[name]) > 1:
            what = f"{name!r} is of rules in {len(known[name])} packs"
            raise InputError(f"policies.parameters: {what}")
        _check_parameter(name, value, *known[name][0])


def _check_parameter(name: str, value: int | str, pack: Pack, rule: Rule, key: str) -> None:
    stated = rule.parameters[key]
    if type(stated) is not type(value):
        met = f"{value!r:.80} for {stated!r:.80}"
        raise InputError(f"policies.parameters.{name}: not of the same kind: {met}")
    if not is_replaceable(pack, rule, key):
        hint = "state another figure in a pack of your own, under another name"
        raise InputError(f"policies.parameters.{name}: a figure of what is in force: {key}", hint)


def is_replaceable(pack: Pack, rule: Rule, key: str) -> bool:
    """Tell whether a declaration may put another value in the place of a rule's.

    Not of a list; nor of what is law, or binding otherwise, unless its pack leaves the figure open:
    a statement that calls a rule the law's must judge by the law's figure.
    """
    stated, standing = rule.parameters[key], pack.standing_of(rule)
    if isinstance(stated, tuple):
        return False
    return stated == "" or standing is None or standing.status not in DATED


def _with_parameters(pack: Pack, parameters: dict[str, int | str]) -> Pack:
    rules = tuple(
        replace(
            rule,
            parameters={
                key: parameters.get(f"{rule.id}.{key}", value)
                for key, value in rule.parameters.items()
            },
        )
        for rule in pack.rule
    )
    return replace(pack, rule=rules)
