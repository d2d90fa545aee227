"""Which files a statement binds, and that they are those.

In-toto matches subjects by digest alone. Here each name is bound to its digest too, every file that
a statement seals is bound through the list that it is a subject of, and nothing else may lie there.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attest.sealing import SEALED, check_sealed, read_list
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.content import Files
    from attest.predicate import Predicate
    from attest.statement import Statement


def check_subjects(statement: Statement, predicate: Predicate, files: Files) -> None:
    """Return if the files are those that a statement binds, each with its digest.

    Args:
        statement: what was parsed of the payload.
        predicate: the same.
        files: all subjects, and all that the statement seals.

    Raises:
        InputError: a file is missing, besides, or has another digest.
    """
    check_bound(bound_files(statement, predicate, files), files, ())


def bound_files(statement: Statement, predicate: Predicate, files: Files) -> dict[str, str]:
    """Give the digest of every file that a statement binds; empty where it is not known here.

    Raises:
        InputError: it seals what cannot be sealed, or shows digests of what it has to seal; the
            list of what it seals is another one.
    """
    bound = dict(statement.subjects)
    disclosure = predicate.disclosure
    if disclosure is None:
        return bound
    check_sealed(disclosure.sealed, bound)
    if SEALED not in files:
        return bound | dict.fromkeys(disclosure.sealed, "")
    listed = read_list(bytes(files[SEALED]))
    if listed.keys() != set(disclosure.sealed):
        raise InputError(f"{SEALED} is not the list of what the statement seals")
    return bound | listed


def check_bound(bound: Mapping[str, str], files: Files, withheld: tuple[str, ...]) -> None:
    """Return if the files are those that are bound and not withheld; raise InputError."""
    missing = sorted(bound.keys() - files.keys() - set(withheld))
    extra = sorted(files.keys() - (bound.keys() - set(withheld)))
    if missing or extra:
        raise InputError(f"files differ from the statement: missing {missing}, besides {extra}")
    for name, data in files.items():
        met = hashlib.sha256(data).hexdigest()
        if met != bound[name]:
            raise InputError(f"digest mismatch: {name}: file {met}, statement {bound[name]}")
