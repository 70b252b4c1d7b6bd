"""What a list must be before it leaves: its key whole and unique, not too many rows, some where none is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


class ExportContractError(ValueError):
    """The list is not what is declared, so that none of it may leave. The message holds counts, no values."""


def check_rows(rows: pa.Table, *, key: Sequence[str], max_rows: int, empty_is_error: bool) -> None:
    """Refuse a list that breaks its contract.

    Args:
        rows: What would leave, one row a key.
        key: Columns that tell the rows apart.
        max_rows: More than these are refused.
        empty_is_error: Whether no rows are refused.

    Raises:
        ExportContractError: With everything that is wrong, counted.
    """
    wrong = []
    if rows.num_rows > max_rows:
        wrong.append(f"{rows.num_rows} rows would leave, max_rows allows {max_rows}: check `where`")
    if empty_is_error and rows.num_rows == 0:
        wrong.append("no row would leave, and empty_is_error is set")
    is_null = pa.chunked_array([pa.array([False] * rows.num_rows, type=pa.bool_())])
    for name in key:
        is_null = pc.or_(is_null, pc.is_null(rows[name]))
    if null_count := int(pc.sum(is_null).as_py() or 0):
        wrong.append(f"{null_count} rows have no value in the key ({', '.join(key)})")
    sizes = rows.select(list(key)).group_by(list(key)).aggregate([([], "count_all")])["count_all"]
    repeated = sizes.filter(pc.greater(sizes, 1))
    if len(repeated):
        wrong.append(
            f"{len(repeated)} keys ({', '.join(key)}) stand more than once, in {pc.sum(repeated).as_py()} rows"
        )
    if wrong:
        raise ExportContractError("; ".join(wrong))
