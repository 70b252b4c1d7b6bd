"""Broken rows on disk: where they stood, why they were refused, and their raw text (personal data)."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.ground.sql_text import literal
from orchestration.landing.quarantine.raw_bytes import raw_bytes
from orchestration.landing.quarantine.reasons import QuarantineReason

SCHEMA = pa.schema(
    [
        ("_load_id", pa.string()),
        ("_load_sequence", pa.int64()),
        ("_source_file", pa.string()),
        ("_source_row", pa.int64()),
        ("_source_line", pa.int64()),
        ("rule", pa.string()),
        ("reason", pa.string()),
        ("raw_text", pa.string()),
        ("raw_bytes", pa.binary()),
        ("encoding", pa.string()),
        ("header", pa.string()),
        ("row_key", pa.string()),
    ]
)
_BATCH_ROWS = 10_000
_BATCH_CHARACTERS = 8 << 20


@dataclass
class Quarantine:
    """Writer of one part's broken rows; the file exists only if there is a row.

    One row per refused record: `_source_line` is null for formats without lines; `rule` and `reason` are the
    first that it broke; `raw_text` is its text for people (bytes that could not be decoded are written as escapes;
    Parquet: the row as JSON), `raw_bytes` what stood in the file, in `encoding` (null for Parquet); `header` the names
    of its values as a JSON list (null where the row names them itself); `row_key` its key, joined by bars (null where
    the table has none or the record could not be read that far).

    Attributes:
        encoding: Of the text that is added from now on; None for rows that were no text.
        header: Names of its values; None where the row names them itself.
    """

    path: Path
    load_id: str
    load_sequence: int
    source_file: str
    encoding: str | None = None
    header: list[str] | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _buffer: list[dict[str, object]] = field(default_factory=list)
    _buffered: int = 0
    _writer: pq.ParquetWriter | None = None

    @property
    def row_count(self) -> int:
        """Rows added so far."""
        return sum(self.counts.values())

    @property
    def reasons(self) -> tuple[QuarantineReason, ...]:
        """Rows by rule and reason, sorted."""
        return tuple(QuarantineReason(rule, reason, n) for (rule, reason), n in sorted(self.counts.items()))

    def add(self, row: int, line: int | None, rule: str, reason: str, raw: str, key: str | None = None) -> None:
        """Take one broken row."""
        self.counts[rule, reason] += 1
        self._buffer.append(
            {
                "_load_id": self.load_id,
                "_load_sequence": self.load_sequence,
                "_source_file": self.source_file,
                "_source_row": row,
                "_source_line": line,
                "rule": rule,
                "reason": reason,
                # Undecodable bytes were read as surrogates, which Parquet's UTF-8 cannot hold.
                "raw_text": raw.encode("utf-8", "backslashreplace").decode(),
                "raw_bytes": raw_bytes(raw, self.encoding) if self.encoding else None,
                "encoding": self.encoding,
                "header": json.dumps(self.header, ensure_ascii=False) if self.header is not None else None,
                "row_key": key,
            }
        )
        self._buffered += len(raw)
        if len(self._buffer) >= _BATCH_ROWS or self._buffered >= _BATCH_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        if not self._buffer:
            return
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, SCHEMA, compression="zstd")
        self._writer.write_table(pa.Table.from_pylist(self._buffer, schema=SCHEMA))
        self._buffer.clear()
        self._buffered = 0

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@contextmanager
def open_quarantine(path: Path, load_id: str, load_sequence: int, source_file: str) -> Iterator[Quarantine]:
    """A writer whose file is complete when the block ends."""
    quarantine = Quarantine(path, load_id, load_sequence, source_file)
    try:
        yield quarantine
        quarantine._flush()
    finally:
        quarantine._close()


def moved_quarantine(
    engine: duckdb.DuckDBPyConnection, passing: Path, known: Sequence[Path], target: Path
) -> tuple[tuple[QuarantineReason, ...], int]:
    """Keep the refusals of a passing file that are not known yet; a source that is pulled again sends them again.

    Returns:
        Refusals by rule and reason, and their number; the target exists only if there is one.
    """
    if not passing.is_file():
        return (), 0
    came = f"read_parquet({literal(passing)})"
    if known:
        earlier = ", ".join(literal(path) for path in known)
        came = (
            f"(select came.* from {came} as came anti join read_parquet([{earlier}], union_by_name=true) as known"
            " on came.rule = known.rule and came.raw_text = known.raw_text)"
        )
    counted = f"select rule, reason, count(*) from {came} group by all order by rule, reason"
    reasons = engine.execute(counted).fetchall()
    if not reasons:
        return (), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    engine.execute(f"copy (from {came} order by _source_row) to {literal(target)} (format parquet, compression zstd)")
    found = tuple(QuarantineReason(rule, reason, count) for rule, reason, count in reasons)
    return found, sum(reason.row_count for reason in found)
