"""Rule packs by their names: those that are shipped, and a user's own in a folder of his.

A file `<name>.toml` of the folder is the pack of that name. It is read where it is chosen, and
tried rule by rule (`attest.rules.trying`) before anything else is done; a folder that has a file
under the name of a shipped pack is refused, whichever is chosen (`config.policy` says why). A link,
in the folder or on the way to it, is refused, as it is in a bundle.

Chosen: what a signer's own pack says is his word, like his registry rows: it travels in the bundle
to make the statement again, and a verifier judges by the pack that he has himself under that name,
which is given with `--policies` or nowhere. Refused: taking it from the bundle where he has none.
Whoever writes the rules passes by them, and `unknown` says just that.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attest.disk import names_in, read_plain
from config.errors import InputError, shown
from config.policy import MAX_BYTES, pack_of, refuse_shipped, shipped_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from config.declaration import Declaration

SUFFIX = ".toml"


def packs_of(declaration: Declaration, beside: Path) -> tuple[tuple[str, bytes], ...]:
    """Give name and file of each pack that a declaration chooses, in its order.

    Args:
        declaration: which.
        beside: its folder.

    Raises:
        InputError: a pack is not known, or an own one is refused.
    """
    chosen, stated = declaration.policies.packs, declaration.policies.folder
    folder = None if stated is None else beside / stated
    own = {} if folder is None else own_packs(folder, chosen, beside)
    return tuple((name, _found(name, own, folder)) for name in chosen)


def own_packs(
    folder: Path, chosen: Collection[str] | None = None, above: Path | None = None
) -> dict[str, bytes]:
    """Read the packs of a folder, and try them.

    Args:
        folder: where `<name>.toml` lie.
        chosen: names of those that are read; None: all.
        above: a folder above it, from which no link may lead to it.

    Raises:
        InputError: of the folder, or with file and key path of the first fault.
    """
    from attest.rules.trying import tried_pack

    files = [name for name in names_in(folder, above) if name.endswith(SUFFIX)]
    names = [name.removesuffix(SUFFIX) for name in files]
    try:
        refuse_shipped(names)
    except InputError as error:
        raise InputError(f"{folder}: {error.what}", error.hint) from error
    found = {}
    for name in names if chosen is None else [one for one in names if one in chosen]:
        path = folder / f"{name}{SUFFIX}"
        found[name] = read_plain(path, MAX_BYTES)
        tried_pack(found[name], name, str(path))
    return found


def _found(name: str, own: dict[str, bytes], folder: Path | None) -> bytes:
    """Give a pack's file, or say where it was looked for."""
    try:
        return pack_of(name, own)
    except InputError as error:
        if folder is None:
            hint = f"{error.hint}; a folder of your own is named by policies.folder"
            raise InputError(error.what, hint) from error
        what = f"unknown policy pack: {shown(name)}: not shipped, and no file of {folder}"
        raise InputError(what, error.hint) from error


def verifiers_packs(folder: Path) -> Callable[[str], bytes | None]:
    """Give what finds the verifier's pack of a name: one of his own folder, or one that is shipped.

    Raises:
        InputError: the folder is refused. A pack of it is tried when it is asked for.
    """
    own_packs(folder, ())
    return partial(_verifiers, folder)


def _verifiers(folder: Path, name: str) -> bytes | None:
    own = own_packs(folder, (name,))
    return pack_of(name, own) if name in own or name in shipped_packs() else None
