"""A user's own pack, tried out before anything is judged by it.

A shipped pack is held by the tests of this repository; one that somebody wrote is held by this, to
the same: each rule's kind is known, each parameter has the form that its kind asks for, and none is
there that its kind does not read. So a limit with a slip in its name is refused, and not passed
over in favour of no limit at all.

Every kind reads all its parameters before it looks at what is judged. That is why a statement in
which nothing is stated shows whether they are right, and why a parameter that may be anything, even
a number below zero, is read by nobody.

Chosen: trying a rule by its own kind. Refused: a table of the parameters of each kind, which would
say the same a second time. A rule's currency is one of the registry; an instrument that an entity
declares itself is known to no pack.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from attest.inputs import Inputs
from attest.rules.case import Case
from attest.rules.formula import explained
from attest.rules.kinds import kind_of
from attest.rules.parameters import Parameters
from chains.snapshot import Snapshot
from config.accounts import Accounts
from config.books.books import Books
from config.declaration import Attestation, Declaration, Entity
from config.declaration import Inputs as Files
from config.errors import InputError
from config.policy import Policy, parse_named
from config.registry_files import load_registry

if TYPE_CHECKING:
    from config.policy import Pack, Rule

NO_FORM = -1
"""What no parameter may be: none is below zero."""


def tried_pack(data: bytes, name: str, file: str) -> Pack:
    """Read a pack's file and try each of its rules.

    Args:
        data: the file's bytes.
        name: by which the pack is chosen.
        file: the file's name, for messages.

    Raises:
        InputError: with the key path of the first fault.
    """
    pack = parse_named(data, name, file)
    for index, rule in enumerate(pack.rule):
        try:
            _try(pack, rule)
        except InputError as error:
            raise InputError.at(file, f"rule.{index}", error.what, error.hint) from error
    return pack


def _try(pack: Pack, rule: Rule) -> None:
    """Judge nothing by a rule; raise InputError if it cannot judge."""
    _judge_nothing(rule, Parameters(rule.id, rule.parameters, pack.calendar))
    for key in rule.parameters:
        values: dict[str, int | str | tuple[str, ...]] = {**rule.parameters, key: NO_FORM}
        try:
            _judge_nothing(rule, Parameters(rule.id, values, pack.calendar))
        except InputError:
            continue
        what = f"parameter {rule.id}.{key}: not one of {rule.kind}"
        raise InputError(what, "look at its name: no rule of this kind reads it")


def _judge_nothing(rule: Rule, parameters: Parameters) -> None:
    kind_of(rule)(_nothing(), parameters)
    explained(rule.kind, parameters)


@cache
def _nothing() -> Case:
    """Give a case in which nothing is declared, read or owed."""
    inputs = Inputs(
        registry=load_registry(),
        declaration=Declaration(
            Entity("nobody"), Attestation("nothing", "main"), Files("accounts.csv")
        ),
        accounts=Accounts((), ()),
        claims=(),
        challenges=None,
        books=Books(),
        shown={},
        policy=Policy((), ()),
        carried=(),
        files=(),
    )
    return Case(inputs, 0, Snapshot(()), (), (), ())
