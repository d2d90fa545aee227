from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.positions import band_of, basis_of, controls_by_subject
from config.caip import AccountId
from proofs.control import Control

if TYPE_CHECKING:
    from attest.pipeline import Work
    from proofs.control import Grade, Outcome, Reason

OWN, PARENT = AccountId("eip155:1:0x1"), "bip122:x:wpkh(xpub/0/*)"


def control(
    subject: str, outcome: Outcome, grade: Grade | None = None, scheme: str = "eip191"
) -> Control:
    proved = (subject,) if outcome == "proved" else ()
    reason: Reason | None = None if outcome == "proved" else "key_mismatch"
    return Control(subject, scheme, outcome, grade, reason, (), 2, proved)


PROVED_B, PARENT_B = control(OWN, "proved", "B"), control(PARENT, "proved", "B")
SIGNED_C = control(OWN, "proved", "C")
MOVED_B, MOVED_C = (control(OWN, "proved", grade, "onchain-transfer") for grade in ("B", "C"))
WITNESS_B, WITNESS_D = (control(OWN, "proved", grade, "witnessed") for grade in ("B", "D"))
WITNESS_PARENT = control(PARENT, "proved", "A", "witnessed")


@pytest.mark.parametrize(
    ("controls", "band"),
    [
        ((), "observed"),
        ((PROVED_B,), "controlled"),
        ((control(OWN, "proved", "A"),), "controlled"),
        ((control(OWN, "proved", "C"),), "signed"),
        ((control(OWN, "proved", "D"),), "signed"),
        ((control(OWN, "inconclusive"),), "observed"),
        ((control(OWN, "unproved"),), "observed"),
        ((control(OWN, "refuted"),), "none"),
        ((control(OWN, "refuted"), PROVED_B), "none"),
        ((PROVED_B, control(OWN, "refuted")), "none"),
        ((PARENT_B,), "derived"),
        ((control(PARENT, "proved", "D"),), "signed"),
        ((control(PARENT, "refuted"),), "none"),
        ((control(PARENT, "refuted"), PARENT_B), "none"),
        ((PROVED_B, control(PARENT, "refuted")), "controlled"),
        ((PARENT_B, control(OWN, "refuted")), "none"),
        ((MOVED_B,), "controlled"),
        ((WITNESS_B,), "attested"),
        ((WITNESS_PARENT,), "attested"),
        ((WITNESS_D,), "observed"),
        ((WITNESS_B, PROVED_B), "controlled"),
        ((WITNESS_B, PARENT_B), "derived"),
        ((WITNESS_B, SIGNED_C), "attested"),
        ((WITNESS_D, SIGNED_C), "signed"),
        ((WITNESS_B, control(OWN, "refuted")), "none"),
        ((control(OWN, "refuted", scheme="witnessed"), PROVED_B), "none"),
    ],
)
def test_a_band_follows_from_the_controls(
    work: Work, controls: tuple[Control, ...], band: str
) -> None:
    account = replace(work.inputs.accounts.rows[0], id=OWN, derived_from=PARENT)

    assert band == band_of(account, controls_by_subject(controls))


@pytest.mark.parametrize(
    ("controls", "basis"),
    [
        ((), ""),
        ((control(OWN, "unproved"),), ""),
        ((WITNESS_D,), ""),
        ((control(OWN, "refuted"), PROVED_B), ""),
        ((PROVED_B,), "signature"),
        ((PARENT_B,), "signature"),
        ((SIGNED_C,), "signature"),
        ((MOVED_B,), "transfer"),
        ((MOVED_C,), "transfer"),
        ((WITNESS_B,), "witness"),
        ((WITNESS_B, MOVED_B), "transfer"),
        ((WITNESS_B, MOVED_B, PROVED_B), "signature"),
        # What did not give the band does not name its basis.
        ((MOVED_B, SIGNED_C), "transfer"),
        ((MOVED_B, PARENT_B), "transfer"),
        ((WITNESS_B, SIGNED_C), "witness"),
        ((MOVED_C, SIGNED_C), "signature"),
    ],
)
def test_a_basis_is_the_best_that_gave_the_band(
    work: Work, controls: tuple[Control, ...], basis: str
) -> None:
    account = replace(work.inputs.accounts.rows[0], id=OWN, derived_from=PARENT)

    assert basis == basis_of(account, controls_by_subject(controls))
    assert basis == basis_of(account, controls_by_subject(controls[::-1]))
