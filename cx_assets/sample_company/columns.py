"""Arrow columns made from numpy codes and numbers, without a Python object per row; files are in `files`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_] | None


def decode(pool: Sequence[str] | pa.Array, codes: NDArray[np.integer], null: Mask = None) -> pa.Array:
    """Text of each code; null where the mask says so."""
    values = pool if isinstance(pool, pa.Array) else pa.array(list(pool), pa.string())
    return values.take(pa.array(codes, mask=null))


def category(pool: Sequence[str], codes: NDArray[np.integer], null: Mask = None) -> pa.DictionaryArray:
    """Dictionary-encoded text, for columns with few distinct values."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=null), pa.array(list(pool)))


def timestamps(seconds: NDArray[np.int64], null: Mask = None) -> pa.Array:
    """Naive timestamps (microseconds in the file) of seconds since 1970."""
    return pa.array((seconds * 1_000_000).view("M8[us]"), mask=null)


def money(cents: NDArray[np.int64], null: Mask = None) -> pa.Array:
    """decimal(18,2) of whole cents, by writing the 128-bit numbers directly."""
    words = np.empty((len(cents), 2), np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    validity = None
    if null is not None:
        validity = pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [validity, pa.py_buffer(words.tobytes())])


def numbers(values: NDArray[np.integer], null: Mask = None) -> pa.Array:
    """Decimal digits of whole numbers."""
    return pc.cast(pa.array(values, mask=null), pa.string())


def padded(values: NDArray[np.integer], width: int, null: Mask = None) -> pa.Array:
    """Decimal digits with leading zeros."""
    return pc.utf8_lpad(numbers(values, null), width, "0")


def joined(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """Parts put together row by row; null where any part is null."""
    scalars = [part if isinstance(part, pa.Array) else pa.scalar(part) for part in parts]
    return pc.binary_join_element_wise(*scalars, separator)


def filled(values: pa.Array, text: str = "") -> pa.Array:
    """The column with `text` for null."""
    return pc.fill_null(values, text)


def chosen(condition: NDArray[np.bool_], yes: pa.Array, no: pa.Array) -> pa.Array:
    """`yes` where the condition holds, otherwise `no`."""
    return pc.if_else(pa.array(condition), yes, no)


def formatted(seconds: NDArray[np.int64], pattern: str, null: Mask = None) -> pa.Array:
    """Times as text by a strftime pattern."""
    stamps = pa.array(seconds.view("M8[s]"), mask=null)
    return pc.strftime(stamps, pattern)


def whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One contiguous array of a possibly chunked column."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
