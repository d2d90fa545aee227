"""Joining: everything that was declared, read and shown, made into the one case that is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.allocating import index_allocations, misallocations
from attest.bands import bands_of, bases_of
from attest.exempt import exempt_spending
from attest.items import Known, check_items
from attest.lines import lines
from attest.positions import STRONG_GRADES, Ground, positions
from attest.reckoning import TABLE
from attest.rules.case import Case
from config.caip import AccountId

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.items import CheckedItem
    from attest.positions import Position
    from chains.snapshot import Snapshot
    from proofs.control import Control


def make_case(
    inputs: Inputs, as_of: int, snapshot: Snapshot, controls: tuple[Control, ...]
) -> Case:
    """Join everything that is judged.

    Args:
        inputs: what was declared.
        as_of: Unix seconds the statement is about.
        snapshot: what the chains said.
        controls: what the claims show.
    """
    allocations = index_allocations(inputs.books.allocations)
    wrapped = inputs.declaration.attestation.wrapped_assets
    bands = bands_of(inputs.accounts, inputs.registry, snapshot, controls)
    bases = bases_of(inputs.accounts, controls, bands)
    ground = Ground(inputs.accounts, inputs.registry, wrapped, bands, bases, allocations)
    found = positions(ground, snapshot)
    return Case(
        inputs,
        as_of,
        snapshot,
        controls,
        found,
        lines(found),
        bands=bands,
        items=_items(inputs, snapshot, controls, found),
        misallocated=misallocations(allocations, inputs.accounts, snapshot),
        exempt=exempt_spending(inputs, as_of, snapshot, controls),
    )


def _items(
    inputs: Inputs,
    snapshot: Snapshot,
    controls: tuple[Control, ...],
    found: tuple[Position, ...],
) -> tuple[CheckedItem, ...]:
    """Check the reconciling items; the table's counting says which accounts count."""
    if not inputs.books.reconciling:
        return ()
    strong = (one.subjects for one in controls if one.grade in STRONG_GRADES)
    known = Known(
        registry=inputs.registry,
        declared=frozenset(account.id for account in inputs.accounts.rows),
        counted={
            one.account for one in found if one.band in TABLE.bands and one.owner in TABLE.owners
        },
        controlled=frozenset(AccountId(one) for subjects in strong for one in subjects),
        answers={
            answer.question: answer.value for chain in snapshot.chains for answer in chain.answers
        },
    )
    return check_items(inputs.books.reconciling, known)
