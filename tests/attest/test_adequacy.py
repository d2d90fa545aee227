from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attest.regulated import findings, fx1

if TYPE_CHECKING:
    from attest.pipeline import Work


def test_fx1(work: Work) -> None:
    found = findings(fx1().case(work), "jp-psa")
    assert found["jp_hot_5"].facts["share"] == "0.042000000000"
    assert found["jp_hot_5"].facts["limit_value"] == "12500000000"
