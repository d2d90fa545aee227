"""attest rules: what the rules of packs say, and whether a pack of one's own can be used."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time
from attest.cli.verify import POLICIES  # noqa: TC001 - the same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.rules.described import Described
    from config.policy import Pack

app = typer.Typer(
    help="Show the rules that packs hold, and check a pack of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
COLUMNS = ("pack", "id", "status", "applies", "grade", "severity", "period", "title")
NEAR = 3
"""Rules of a similar name that an error names."""


@app.callback()
def rules() -> None:
    """Show the rules that packs hold, and check a pack of your own."""


@app.command("list")
def list_(
    pack: Annotated[
        list[str] | None, typer.Option("--pack", help="Of this pack alone; several.")
    ] = None,
    policies: POLICIES = None,
    as_json: JSON = False,
) -> None:
    """List the rules of all packs: status, days, how well each is known, severity.

    Those that are shipped, and those of a folder of your own.
    """
    from attest.cli.console import give_json, table
    from attest.rules.described import UNSTATED, applies, row_of

    found = _rules(_packs(policies, tuple(pack or ())))
    if as_json:
        give_json({"rules": [row_of(one) for one in found]})
        return
    rows = []
    for one in found:
        known = {key: value or UNSTATED for key, value in row_of(one).items()}
        rows.append([(known | {"applies": applies(one.standing)})[column] for column in COLUMNS])
    table("Rules", COLUMNS, rows)


@app.command("show")
def show(
    rule: Annotated[
        str, typer.Argument(metavar="ID", help="jp_hot_5, JP-HOT-5 or jp-psa/jp_hot_5.")
    ],
    pack: Annotated[str | None, typer.Option("--pack", help="The pack that it is of.")] = None,
    policies: POLICIES = None,
    as_json: JSON = False,
) -> None:
    """Show a rule in words: what it tests, whether it is law, by which source, what a breach does.

    A parameter stands there as a declaration replaces it, under [policies] parameters.
    """
    from attest.cli.console import give, give_json
    from attest.rules.described import document_of, lines_of
    from config.errors import InputError

    whose, _, name = rule.rpartition("/")
    asked = tuple({one for one in (pack, whose.lower()) if one})
    if len(asked) > 1:
        raise InputError(f"--pack {pack}, and {rule} is of another", "give one of them")
    found = _one(_rules(_packs(policies, asked)), name)
    if as_json:
        give_json(document_of(found))
        return
    for heading, text in lines_of(found):
        give(f"{heading}: {text}")


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A pack, <name>.toml with id = <name>.")],
    as_json: JSON = False,
) -> None:
    """Check a pack of your own as a run does: its form, its kinds, each parameter of each rule."""
    from attest.cli.console import give, give_json
    from attest.disk import read_file
    from attest.rules.trying import tried_pack
    from config.policy import MAX_BYTES, refuse_shipped

    refuse_shipped((file.stem,))
    found = tried_pack(read_file(file, MAX_BYTES), file.stem, str(file))
    if as_json:
        give_json({"pack": found.id, "version": found.version, "rules": len(found.rule)})
        return
    give(f"ok: {found.id} version {found.version}, {len(found.rule)} rules")


def _packs(folder: Path | None, asked: Sequence[str]) -> tuple[Pack, ...]:
    """Read the packs that are asked for, or all: those that are shipped, then those of a folder."""
    from attest.cli.packs import own_packs
    from config.errors import InputError, shown
    from config.policy import pack_of, parse_named, shipped_packs

    own = {} if folder is None else own_packs(folder)
    known = (*shipped_packs(), *own)
    for name in asked:
        if name not in known:
            where = "" if folder is None else f": not shipped, and no file of {folder}"
            what = f"unknown policy pack: {shown(name)}{where}"
            raise InputError(what, f"packs: {', '.join(known)}")
    chosen = [name for name in known if name in asked or not asked]
    return tuple(parse_named(pack_of(name, own), name, f"{name}.toml") for name in chosen)


def _rules(packs: tuple[Pack, ...]) -> tuple[Described, ...]:
    from attest.rules.described import describe

    return tuple(describe(pack, rule) for pack in packs for rule in pack.rule)


def _one(rules: tuple[Described, ...], name: str) -> Described:
    """Give the rule of a name, however it is written; raise InputError if there is not just one."""
    from difflib import get_close_matches

    from config.errors import InputError, shown

    wanted = name.lower().replace("-", "_")
    found = [one for one in rules if one.rule.id == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        packs = ", ".join(one.pack.id for one in found)
        hint = f"attest rules show {found[0].name}, or give --pack"
        raise InputError(f"rule {wanted} is in several packs: {packs}", hint)
    near = get_close_matches(wanted, [one.rule.id for one in rules], NEAR)
    hint = f"did you mean: {', '.join(near)}" if near else "attest rules list names them all"
    raise InputError(f"unknown rule: {shown(name)}", hint)
