"""What a receiver has acknowledged: a small ledger a list, by which a killed delivery goes on where it ended.

ledger.json             the delivery at work or the last one, and how many of its batches are acknowledged
planned.parquet         what the delivery at work does: operation, key and digest of every row, in order
acknowledged.parquet    what the receiver has after the last finished delivery: digest by key
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cx_assets.exports.changes import Operation, applied
from orchestration.exporting.prepared import PRIVATE_FILE, ExportError
from orchestration.ground.durable import DamagedStateError, read_document, sync_folder, write_document

LEDGER, ACKNOWLEDGED = "ledger.json", "acknowledged.parquet"
UNCERTAIN = "?"
"""Digest of a row whose batch was perhaps received: it is told again, whatever it is now."""


@dataclass(frozen=True)
class Sending:
    """One delivery to a receiver.

    Attributes:
        number: Of the delivery; never given twice.
        content: Digest of all rows that the receiver shall have.
        declaration: Of the export when it began.
        send: `all` or `changes`.
        receiver: Digest of its address.
        key: Columns of the key.
        batch_size: Operations in a batch.
        acknowledged_batches: How many it has acknowledged, in order.
        is_finished: Whether it has all.
    """

    number: int
    content: str
    declaration: str
    send: str
    receiver: str
    key: tuple[str, ...]
    batch_size: int
    acknowledged_batches: int = 0
    is_finished: bool = False

    def is_of(self, other: Sending) -> bool:
        """Whether both give the same rows to the same receiver in the same way."""
        return (self.content, self.send, self.receiver, self.key) == (
            other.content,
            other.send,
            other.receiver,
            other.key,
        )


class Ledger:
    """The ledger of one list; its folder is its owner's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self) -> Sending | None:
        """The delivery at work, or the last one; None before the first.

        Raises:
            ExportError: The ledger is damaged.
        """
        path = self._folder / LEDGER
        if not path.exists():
            return None
        try:
            fields = read_document(path, "delete it to send all rows anew")
            return Sending(**{**fields, "key": tuple(fields["key"])})
        except (DamagedStateError, TypeError, KeyError) as error:
            raise ExportError(str(error)) from error

    def received(self, last: Sending | None, asked: Sending) -> dict[str, str]:
        """Digest by key of what the receiver has when a delivery begins, one that was cut short for it counted in.

        Empty for another receiver and for another key: then all rows are sent.
        """
        if last is None or (last.receiver, last.key) != (asked.receiver, asked.key):
            return {}
        state = self._state()
        if last.is_finished or last.is_of(asked):
            return state
        planned = self._read(_planned(last)).to_pylist()
        done = last.acknowledged_batches * last.batch_size
        state = applied(state, ((row["operation"], row["key"], row["digest"]) for row in planned[:done]))
        # The batch that was on its way when the delivery ended was perhaps received.
        return state | {row["key"]: UNCERTAIN for row in planned[done : done + last.batch_size]}

    def begin(self, sending: Sending, received: Mapping[str, str], plan: Sequence[Operation]) -> None:
        """Note what is to be sent, before anything is."""
        self._write_state(received)
        rows = [(operation.kind, operation.key, operation.digest) for operation in plan]
        columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
        self._write(_planned(sending), dict(zip(("operation", "key", "digest"), columns, strict=True)))
        self._note(sending)
        self._forget_plans(keep=_planned(sending))

    def acknowledge(self, sending: Sending) -> Sending:
        """Note that one more batch was received."""
        noted = replace(sending, acknowledged_batches=sending.acknowledged_batches + 1)
        self._note(noted)
        return noted

    def finish(self, sending: Sending, received: Mapping[str, str], plan: Sequence[Operation]) -> None:
        """Note that the receiver has all."""
        self._write_state(applied(received, ((one.kind, one.key, one.digest) for one in plan)))
        self._note(replace(sending, is_finished=True))
        self._forget_plans(keep=None)

    def _note(self, sending: Sending) -> None:
        write_document(self._folder / LEDGER, {**asdict(sending), "key": list(sending.key)})
        (self._folder / LEDGER).chmod(PRIVATE_FILE)

    def _forget_plans(self, *, keep: str | None) -> None:
        for path in self._folder.glob("planned-*.parquet"):
            if path.name != keep:
                path.unlink()

    def _state(self) -> dict[str, str]:
        table = self._read(ACKNOWLEDGED)
        return dict(zip(table["key"].to_pylist(), table["digest"].to_pylist(), strict=True))

    def _write_state(self, state: Mapping[str, str]) -> None:
        self._write(ACKNOWLEDGED, {"key": tuple(state), "digest": tuple(state.values())})

    def _read(self, name: str) -> pa.Table:
        try:
            return pq.read_table(self._folder / name)
        except (OSError, pa.ArrowException) as error:
            raise ExportError(
                f"{self._folder / name} is damaged ({type(error).__name__}): delete {self._folder / LEDGER} to send all"
                " rows anew"
            ) from error

    def _write(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        partial = self._folder / f".{name}.partial"
        partial.unlink(missing_ok=True)
        table = pa.table({column: pa.array(values, type=pa.string()) for column, values in columns.items()})
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, self._folder / name)
        sync_folder(self._folder)


def _planned(sending: Sending) -> str:
    """A name of its own for each delivery: the plan before is still there until the ledger names the new one."""
    return f"planned-{sending.number}.parquet"
