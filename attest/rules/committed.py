"""Rules about the commitment to liabilities: it is of this statement, and of this ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.pins import loose_ends
from attest.rules.case import Result
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from proofs.liabilities.commitment import Tree

NONE = "no commitment to liabilities was given"


def committed(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """committed/1: each instrument's tree sums to what the books state. Takes no parameters."""
    del parameters
    found = case.inputs.committed
    if found is None:
        return (Result("not_applicable", "", NONE),)
    owed = {str(name): units for name, units in case.inputs.books.owed().items()}
    decimals = {str(one.id): one.decimals for one in case.inputs.registry.instruments}
    lacking = sorted(name for name in owed if name not in found.totals)
    return (
        *(
            _compared(tree, decimals.get(tree.instrument), owed.get(tree.instrument))
            for tree in found.commitment.trees
        ),
        *(
            Result("breach", name, "the books state that it is owed; no tree commits to it")
            for name in lacking
        ),
    )


def _compared(tree: Tree, decimals: int | None, owed: int | None) -> Result:
    """Compare a tree with what the books state; None: the registry or the books do not say."""
    name = tree.instrument
    if decimals != tree.decimals:
        said = "is not in the registry" if decimals is None else f"has {decimals}"
        text = f"its tree counts {tree.decimals} decimals, the instrument {said}"
        return Result("breach", name, text)
    facts = {"committed": str(tree.total), "stated": "none" if owed is None else str(owed)}
    if owed == tree.total:
        return Result("pass", name, "its tree sums to what the books state", facts)
    stated = "nothing" if owed is None else format_decimal(owed, tree.decimals)
    text = f"the books state {stated}, its tree sums to {format_decimal(tree.total, tree.decimals)}"
    return Result("breach", name, text, facts)


def commitment_header(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """commitment_header/1: its header is bound to this statement. Takes no parameters."""
    del parameters
    found = case.inputs.committed
    if found is None:
        return (Result("not_applicable", "", NONE),)
    loose = loose_ends(found, case.inputs, case.as_of, case.snapshot)
    if loose:
        return tuple(Result("breach", "", text) for text in loose)
    text = "the commitment is of this entity, this time and these blocks"
    return (Result("pass", "", text, {"set": found.commitment.digest.hex()}),)
