from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.positions import band_of, controls_by_subject
from config.caip import AccountId
from proofs.control import Control

if TYPE_CHECKING:
    from attest.pipeline import Work
    from proofs.control import Grade, Outcome, Reason

OWN, PARENT = AccountId("eip155:1:0x1"), "bip122:x:wpkh(xpub/0/*)"


def control(subject: str, outcome: Outcome, grade: Grade | None = None) -> Control:
    proved = (subject,) if outcome == "proved" else ()
    reason: Reason | None = None if outcome == "proved" else "key_mismatch"
    return Control(subject, "eip191", outcome, grade, reason, (), 2, proved)


PROVED_B = control(OWN, "proved", "B")
PARENT_B = control(PARENT, "proved", "B")


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
    ],
)
def test_a_band_follows_from_the_controls(
    work: Work, controls: tuple[Control, ...], band: str
) -> None:
    account = replace(work.inputs.accounts.rows[0], id=OWN, derived_from=PARENT)

    assert band == band_of(account, controls_by_subject(controls))
