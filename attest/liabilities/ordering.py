"""Records of one size, side by side in bytes, put in order and cut by pyarrow, no object a record.

`config.ledger.arrow` and `vectors` read and write what has columns; these bytes have none.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]


def in_order(records: bytes, size: int) -> bytes:
    """Put records in the order of their bytes.

    Args:
        records: whole ones, at most 2 GiB of them.
        size: bytes of each.
    """
    rows = _rows(records, size)
    return _bytes(rows.take(pc.sort_indices(rows)), size)


def column_of(records: bytes, size: int, start: int, end: int) -> bytes:
    """Give the bytes from a place to another of every record, side by side."""
    return _bytes(pc.binary_slice(_rows(records, size), start, end), end - start)


def _rows(records: bytes, size: int) -> Any:  # noqa: ANN401 - pyarrow has no types
    buffer = pa.py_buffer(records)
    count = len(records) // size
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), count, [None, buffer])


def _bytes(rows: Any, size: int) -> bytes:  # noqa: ANN401 - pyarrow has no types
    _, values = rows.buffers()
    start = rows.offset * size
    return bytes(values[start : start + len(rows) * size]) if len(rows) else b""
