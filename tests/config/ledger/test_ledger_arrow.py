"""What pyarrow reads of Parquet, as text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from config.ledger.arrow import parquet_cells
from tests.config.ledger.ledgers import write_parquet

if TYPE_CHECKING:
    from pathlib import Path

VALUES = ["12345678901234567890.123456789", "0", None, "-0.000000001", "7", "0.5"]
"""As text without zeros at the end; null stays null."""


@pytest.mark.parametrize("kind", [pa.decimal128(38, 9), pa.decimal256(38, 9)], ids=str)
@pytest.mark.parametrize("size", [1, 2, 4, 6])
def test_decimals_are_text_without_exponent_wherever_a_batch_begins(
    tmp_path: Path, kind: pa.DataType, size: int
) -> None:
    decimals = [None if value is None else Decimal(value) for value in VALUES]
    path = write_parquet(tmp_path / "p", {"btc": pa.array(decimals, kind)})

    batches = list(parquet_cells(path, "p", {"btc"}, size))

    assert VALUES == [value for _, cells, _ in batches for value in cells["btc"].to_pylist()]
    assert 6 == sum(count for count, _, _ in batches)
    assert [{}] * len(batches) == [broken for _, _, broken in batches]
