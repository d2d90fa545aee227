"""What the predicate says of obligations and of each instrument's reckoning."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attest.book_records import (
    AssetAmount,
    CommitmentRecord,
    ComparisonRecord,
    InstrumentChange,
    ItemRecord,
    Obligation,
    RestatedInput,
    SupersededRecord,
    TreeRecord,
)
from attest.committed import grade_of
from attest.reckoning import EFFECTS
from attest.restating import Former, former_figures
from attest.rules.case import write_ratio
from config.times import format_time
from proofs.liabilities.commitment import VERSION

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.reckoning import ItemTotal, Reckoning


def obligations(inputs: Inputs, *, bound: bool) -> tuple[Obligation, ...]:
    """Say what the ledger states, in the order of its file.

    Args:
        inputs: what was declared.
        bound: whether the commitment to liabilities, if there is one, is bound to this statement.
    """
    owed = inputs.books.owed()
    return tuple(
        Obligation(
            instrument=one.instrument,
            kind=one.kind,
            decimals=str(inputs.registry.instrument(one.instrument).decimals),
            amount=str(one.units),
            as_of=format_time(one.as_of),
            grade=grade_of(inputs.committed, one, owed.get(one.instrument), bound=bound),
        )
        for one in inputs.books.liabilities
    )


def commitment_record(inputs: Inputs) -> CommitmentRecord | None:
    """Say what is committed to, if anything is."""
    if inputs.committed is None:
        return None
    commitment = inputs.committed.commitment
    revision, supersedes = (commitment.header.get(key) for key in ("revision", "supersedes"))
    return CommitmentRecord(
        version=VERSION,
        set=commitment.digest.hex(),
        revision=revision if isinstance(revision, str) else None,
        supersedes=supersedes if isinstance(supersedes, str) else None,
        trees=tuple(
            TreeRecord(
                tree.instrument,
                str(tree.decimals),
                str(tree.total),
                str(tree.height),
                tree.root.hex(),
            )
            for tree in commitment.trees
        ),
    )


def comparison(inputs: Inputs, one: Reckoning) -> ComparisonRecord:
    """Say one instrument's reckoning."""
    return ComparisonRecord(
        instrument=one.instrument,
        decimals=str(inputs.registry.instrument(one.instrument).decimals),
        ledger={kind: str(units) for kind, units in one.ledger},
        owed=_text(one.owed),
        counted=str(one.counted),
        assets=tuple(
            AssetAmount(asset, str(inputs.registry.asset(asset).decimals), str(units))
            for asset, units in one.assets
        ),
        attested=str(one.attested),
        borrowed=str(one.borrowed),
        raw_difference=_text(one.raw),
        items=tuple(_item(total) for total in one.items),
        difference=_text(one.adjusted),
        unexplained=_text(one.unexplained),
        coverage=_coverage(one.held, one.owed),
        free=_text(one.free_held),
        free_coverage=_coverage(one.free_held, one.owed),
        held={band: str(units) for band, units in one.shown},
        bases={basis: str(units) for basis, units in one.bases},
    )


def superseded(inputs: Inputs, reckoned: tuple[Reckoning, ...]) -> SupersededRecord | None:
    """Say which statement this one takes the place of, and what differs by instrument."""
    if inputs.superseded is None:
        return None
    stated, former = inputs.superseded.stated, former_figures(inputs.superseded)
    own = {str(one.instrument): one for one in reckoned}
    return SupersededRecord(
        sha256=stated.digest,
        keyid=stated.keyid,
        sequence=str(stated.sequence),
        restated=tuple(
            RestatedInput(one.input, str(one.revision), one.reason, one.sha256)
            for one in inputs.superseded.restated
        ),
        instruments=tuple(
            _change(inputs, name, former.get(name, Former(None, None)), own.get(name))
            for name in sorted({*former, *own})
            if name in own or name in {row.id for row in inputs.registry.instruments}
        ),
    )


def _change(inputs: Inputs, name: str, former: Former, own: Reckoning | None) -> InstrumentChange:
    return InstrumentChange(
        instrument=name,
        decimals=str(inputs.registry.instrument(name).decimals),
        former_owed=_text(former.owed),
        owed=None if own is None else _text(own.owed),
        former_difference=_text(former.difference),
        difference=None if own is None else _text(own.adjusted),
    )


def _item(total: ItemTotal) -> ItemRecord:
    return ItemRecord(
        kind=total.kind,
        effect=str(EFFECTS[total.kind] * total.confirmed),
        confirmed=str(total.confirmed),
        confirmed_rows=str(total.confirmed_rows),
        other=str(total.other),
        other_rows=str(total.other_rows),
    )


def _text(units: int | None) -> str | None:
    return None if units is None else str(units)


def _coverage(held: int | None, owed: int | None) -> str | None:
    return write_ratio(Fraction(held, owed)) if held is not None and owed else None
