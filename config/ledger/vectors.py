"""Columns of text and of whole numbers, worked on as a whole: masks, amounts, rows in order.

Every function takes columns of one length and gives such, in one piece; a mask marks some rows. The
trap is addition, which wraps without a word past 2^127 in decimal128 and past 2^63 in int64:
amounts are added as decimal256 alone, where 2^128 times 2^64 rows have room, and other numbers
checked.

Beside `config.ledger.arrow` this is the only module that imports pyarrow, and after it: it says
what is missing where it is not installed.
"""

from __future__ import annotations

import unicodedata
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from config.ledger.arrow import one_piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.ledger.arrow import Array, Column, Table

WIDE = pa.decimal256(76, 0)
"""What amounts are added in."""
ASSETS = 2**16
"""More than there are assets: a customer's place and an asset's make one number."""
LARGEST = str(2**128 - 1)
"""Digits of the largest amount, in base units."""


# Columns of text and masks.


def texts(values: Sequence[str]) -> Column:
    """Make a column of text."""
    return one_piece(pa.array(values, pa.string()))


def integers(values: Sequence[int | None]) -> Column:
    """Make a column of signed integers of 64 bits."""
    return one_piece(pa.array(values, pa.int64()))


def counting(first: int, count: int) -> Column:
    """Make a column of integers, each one more than the one before."""
    return one_piece(pc.cumulative_sum(repeated(1, count), start=first - 1))


def repeated(value: int, count: int) -> Column:
    """Make a column of one integer, again and again."""
    return one_piece(pa.repeat(pa.scalar(value, pa.int64()), count))


def missing(column: Column) -> Column:
    """Mark what is null."""
    return one_piece(pc.is_null(column))


def filled(column: Column) -> Column:
    """Give text with an empty one where it is null."""
    return one_piece(pc.fill_null(column, ""))


def matching(column: Column, pattern: str) -> Column:
    """Mark text in which a pattern of RE2 is found."""
    return one_piece(pc.match_substring_regex(column, pattern))


def longer(column: Column, limit: int) -> Column:
    """Mark text of more characters than a limit."""
    return one_piece(pc.greater(pc.utf8_length(column), limit))


def equal(column: Column, value: str | int) -> Column:
    """Mark what is equal to a value."""
    return one_piece(pc.equal(column, value))


def either(one: Column, other: Column) -> Column:
    """Mark what either mask marks."""
    return one_piece(pc.or_(one, other))


def without(one: Column, other: Column) -> Column:
    """Mark what the first mask marks and the second one does not."""
    return one_piece(pc.and_not(one, other))


def inverse(mask: Column) -> Column:
    """Mark what a mask does not."""
    return one_piece(pc.invert(mask))


def some(mask: Column) -> bool:
    """Tell whether a mask marks anything."""
    return bool(pc.any(mask).as_py())


def kept(column: Column, mask: Column) -> Column:
    """Give what is marked."""
    return one_piece(pc.filter(column, mask))


def chosen(mask: Column, column: Column, otherwise: str) -> Column:
    """Give a column's text where a mask marks it, and one other text elsewhere."""
    return one_piece(pc.if_else(mask, column, otherwise))


def places(column: Column, among: Column) -> Column:
    """Give where each value first stands in another column; null where it does not."""
    return one_piece(pc.index_in(column, value_set=among).cast(pa.int64()))


def taken(column: Column, at: Column) -> Column:
    """Give the values at some places; null where the place is."""
    return one_piece(pc.take(column, at))


def times_plus(column: Column, factor: int, other: Column) -> Column:
    """Multiply and add integers, of which 64 bits must hold the result."""
    return one_piece(pc.add_checked(pc.multiply_checked(column, factor), other))


def normalized(column: Column) -> Column:
    """Give text in Unicode's normal form C.

    Python's tables are used, as for the leaves: pyarrow's may be those of another Unicode version.
    """
    if pc.all(pc.string_is_ascii(column)).as_py():
        return column
    return texts([unicodedata.normalize("NFC", text) for text in column.to_pylist()])


# Amounts.


def base_units(amounts: Column, decimals: Column) -> tuple[Column, Column, Column]:
    """Give base units of amounts that are plain decimals, of at most 60 characters each.

    Args:
        amounts: text, as `config.amount.parse_decimal` takes it.
        decimals: how many decimal places each may have; null where nobody knows, and nothing is
            marked.

    Returns:
        Digits without leading zeros; a mask of the amounts with more decimals; one of amounts above
        2^128 - 1. Digits of what is marked mean nothing.
    """
    point: Array = pc.find_substring(amounts, ".")
    length = pc.utf8_length(amounts).cast(pa.int64())
    have = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(length, point), 1))
    lossy = pc.greater(have, decimals)
    zeros = pc.binary_repeat("0", pc.if_else(lossy, 0, pc.subtract(decimals, have)))
    joined = pc.binary_join_element_wise(pc.replace_substring(amounts, ".", ""), zeros, "")
    digits = pc.utf8_ltrim(joined, "0")
    digits = pc.if_else(pc.equal(digits, ""), "0", digits)
    size = pc.utf8_length(digits)
    # Texts of one length are in the order of their numbers.
    at_limit = pc.and_(pc.equal(size, len(LARGEST)), pc.greater(digits, LARGEST))
    above = pc.or_(pc.greater(size, len(LARGEST)), at_limit)
    return (
        one_piece(digits),
        one_piece(pc.fill_null(lossy, False)),
        one_piece(pc.fill_null(above, False)),
    )


def totals(codes: Column, units: Column) -> dict[int, tuple[int, int]]:
    """Count rows and add their base units, exactly, by code."""
    table = pa.table({"code": codes, "units": _wide(units)})
    groups = table.group_by("code", use_threads=False)
    sums = groups.aggregate([("units", "count"), ("units", "sum")])
    columns = (sums.column(name).to_pylist() for name in ("code", "units_count", "units_sum"))
    return {code: (count, int(total)) for code, count, total in zip(*columns, strict=True)}


# Tables.


def table(columns: Mapping[str, Column]) -> Table:
    """Put columns of one length together."""
    return _table(pa.table(dict(columns)))


def shards(accounts: Column, count: int) -> Column:
    """Give each account's shard: its CRC-32, modulo their number."""
    # Rows of one customer mostly stand together: each run of them is hashed once.
    encoded: Array = pc.run_end_encode(one_piece(accounts), run_end_type=pa.int32())
    names = encoded.values.cast(pa.binary()).to_pylist()
    hashes: Array = pa.array(map(zlib.crc32, names), pa.int64(), size=len(names))
    quotients = pc.multiply(pc.divide(hashes, count), count)
    numbers = pc.subtract(hashes, quotients).cast(pa.int32())
    runs = pa.RunEndEncodedArray.from_arrays(encoded.run_ends, numbers)
    return one_piece(pc.run_end_decode(runs))


def parted(rows: Table, numbers: Column) -> Iterator[tuple[int, Table]]:
    """Part rows by their numbers; those of one number stay in their order."""
    order = pc.array_sort_indices(numbers)  # a stable sort
    ordered: Array = pc.take(rows, order)
    counts = pc.value_counts(pc.take(numbers, order))
    start = 0
    for number, count in zip(
        counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
    ):
        yield number, _table(ordered.slice(start, count))
        start += count


def repeats(values: Column, numbers: Column) -> list[int]:
    """Give the numbers of rows whose value stands in a row before; null repeats nothing."""
    if pc.count_distinct(values).as_py() == pc.count(values).as_py():
        return []
    met, found = set(), []
    for value, number in zip(values.to_pylist(), numbers.to_pylist(), strict=True):
        if value in met:
            found.append(number)
        elif value is not None:
            met.add(value)
    return found


def occurrences(codes: Column) -> dict[int, int]:
    """Count each code's rows."""
    counts = pc.value_counts(codes)
    return dict(zip(*(counts.field(at).to_pylist() for at in (0, 1)), strict=True))


def sum_holdings(customer: Column, asset: Column, units: Column) -> Table:
    """Add the base units of each customer and asset.

    Returns:
        `customer`, `asset` and `units`, a row for each two that occur, in their order.
    """
    key: Array = times_plus(customer, ASSETS, asset)
    rows = pa.table({"key": key, "units": _wide(units)})
    # Where nobody has one asset in two kinds, which is the rule, there is nothing to add.
    if pc.count_distinct(key).as_py() < len(key):
        sums = rows.group_by("key", use_threads=False).aggregate([("units", "sum")])
        rows = sums.rename_columns({"units_sum": "units"})
    ordered = rows.take(pc.array_sort_indices(one_piece(rows.column("key"))))
    key = one_piece(ordered.column("key"))
    columns = {
        "customer": pc.shift_right(key, ASSETS.bit_length() - 1),
        "asset": pc.bit_wise_and(key, ASSETS - 1),
        "units": one_piece(ordered.column("units")),
    }
    return table(columns)


def by_asset(holdings: Table) -> dict[int, tuple[int, int, int]]:
    """Give for each asset how many hold it, how much in all, and the most that one does."""
    groups = holdings.group_by("asset", use_threads=False)  # type: ignore[attr-defined]
    asked = [("units", "count"), ("units", "sum"), ("units", "max")]
    names = ("asset", "units_count", "units_sum", "units_max")
    found = groups.aggregate(asked)
    columns = [found.column(name).to_pylist() for name in names]
    return {
        asset: (count, int(total), int(largest))
        for asset, count, total, largest in zip(*columns, strict=True)
    }


def _wide(units: Column) -> Array:
    return units.cast(WIDE)  # type: ignore[attr-defined]


def _table(rows: Array) -> Table:
    return rows  # type: ignore[no-any-return]
