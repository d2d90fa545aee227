"""Joining: everything that was declared, read and shown, made into the one case that is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.allocating import index_allocations, misallocations
from attest.bands import answers_of, bands_of, bases_of
from attest.custodians import custodied, pools_of
from attest.debts import debts
from attest.exempt import exempt_spending
from attest.items import Known, check_items
from attest.lines import lines
from attest.own_assets import check_own_assets
from attest.positions import STRONG_GRADES, Ground, positions
from attest.reckoning import TABLE
from attest.rules.case import Case
from attest.sampling import draw_of
from attest.tracing import trace_rows
from config.caip import AccountId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.allocating import Allocations
    from attest.books import Vouched
    from attest.inputs import Inputs
    from attest.items import CheckedItem
    from attest.own_assets import OwnCheck
    from attest.positions import Position
    from chains.snapshot import Question, Snapshot
    from proofs.control import Control


def make_case(
    inputs: Inputs,
    as_of: int,
    snapshot: Snapshot,
    controls: tuple[Control, ...],
    vouched: Vouched | None = None,
) -> Case:
    """Join everything that is judged.

    Args:
        inputs: what was declared.
        as_of: Unix seconds the statement is about.
        snapshot: what the chains said.
        controls: what the claims show.
        vouched: third parties whom whoever judges trusts; None: those the books name.
    """
    allocations, answers = index_allocations(inputs.books.allocations), answers_of(snapshot)
    checks = check_own_assets(inputs.books.own, answers)
    ground = _ground(inputs, snapshot, controls, allocations, checks)
    on_chain = positions(ground, snapshot)
    others = custodied(inputs, snapshot, None if vouched is None else vouched.custodians)
    found = (*on_chain, *others.positions)
    return Case(
        inputs,
        as_of,
        snapshot,
        controls,
        found,
        lines(found),
        bands=ground.bands,
        items=_items(inputs, answers, controls, on_chain),
        traced=trace_rows(inputs.books.trace, inputs.registry, _declared(inputs), answers),
        misallocated=misallocations(allocations, inputs.accounts, snapshot),
        pool_faults=others.faults,
        own_checks=checks,
        debts=debts(on_chain, inputs.books.reserves, inputs.registry),
        exempt=exempt_spending(inputs, as_of, snapshot, controls),
        vouched=vouched,
    )


def _ground(
    inputs: Inputs,
    snapshot: Snapshot,
    controls: tuple[Control, ...],
    allocations: Allocations,
    checks: tuple[OwnCheck, ...],
) -> Ground:
    """Give what balances are joined with; a declared pool is left to its custodian's statements."""
    bands = bands_of(
        inputs.accounts,
        inputs.registry,
        snapshot,
        controls,
        draw_of(inputs.challenges, inputs.policy),
    )
    pools = {pool for pool, _ in pools_of(inputs.books.custody)}
    return Ground(
        inputs.accounts,
        inputs.registry,
        inputs.declaration.attestation.wrapped_assets,
        {account: "none" if account in pools else band for account, band in bands.items()},
        bases_of(inputs.accounts, controls, bands),
        allocations,
        frozenset(one.asset for one in checks if one.verdict != "as_declared"),
    )


def _declared(inputs: Inputs) -> frozenset[AccountId]:
    return frozenset(account.id for account in inputs.accounts.rows)


def _items(
    inputs: Inputs,
    answers: Mapping[Question, str],
    controls: tuple[Control, ...],
    found: tuple[Position, ...],
) -> tuple[CheckedItem, ...]:
    """Check the reconciling items; the table's counting says which accounts count."""
    if not inputs.books.reconciling:
        return ()
    strong = (one.subjects for one in controls if one.grade in STRONG_GRADES)
    known = Known(
        registry=inputs.registry,
        declared=_declared(inputs),
        counted={
            (one.account, one.instrument)
            for one in found
            if one.instrument and one.band in TABLE.bands and one.owner in TABLE.owners
        },
        controlled=frozenset(AccountId(one) for subjects in strong for one in subjects),
        answers=answers,
    )
    return check_items(inputs.books.reconciling, known)
