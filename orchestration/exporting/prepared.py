"""A list that is ready to leave, and the record of a delivery."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from orchestration.declaration.settings.exports import Export
from orchestration.ground.durable import DamagedStateError, read_document, write_document

LAYOUT = 1
"""Of what is written and sent: a higher number delivers every list anew."""
MANIFEST = "manifest.json"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


class ExportError(RuntimeError):
    """A list could not be made or delivered; the message says which and why, and holds no value of a row."""


def declaration_hash(export: Export) -> str:
    """SHA-256 of all of a declaration that changes what leaves: words, owner, token, waits and batch size do not."""
    told = export.model_dump(mode="json", exclude={"description", "owner"})
    told["to"] = {name: value for name, value in told["to"].items() if name in ("kind", "url_env", "send")}
    # The order of the columns is the order in the file.
    text = json.dumps([LAYOUT, list(export.columns), list(export.contact), told], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A list that may leave.

    Attributes:
        name: Of the export.
        export: Its declaration.
        generation_id: Generation that it was taken from.
        as_of_date: Its observation date (ISO).
        rows: What leaves, ordered by key.
        types: DuckDB's type by column.
        rows_selected: Rows that the condition chose.
        left_out: How many of them were left out, by reason.
    """

    name: str
    export: Export
    generation_id: str
    as_of_date: str
    rows: pa.Table = field(repr=False)
    types: Mapping[str, str]
    rows_selected: int
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class Delivery:
    """What was delivered, as the manifest tells it.

    Attributes:
        export: Name.
        kind: csv, parquet or http.
        generation_id, as_of_date: What it was taken from.
        declaration: `declaration_hash`.
        rows_selected: Rows that the condition chose.
        left_out: How many of them were left out, by reason.
        rows_written: Rows that the receiver has now.
        sha256: Of the file, or of the rows that were sent.
        columns: Names with DuckDB's types.
        path: Of the file, from the folder `published`; null where it was sent.
        sent: Counts of the last sending: batches, upserts, removals; empty for a file.
    """

    export: str
    kind: str
    generation_id: str
    as_of_date: str
    declaration: str
    rows_selected: int
    left_out: dict[str, int]
    rows_written: int
    sha256: str
    columns: list[dict[str, str]]
    path: str | None = None
    sent: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, prepared: Prepared, **fields: Any) -> Self:
        """The record of a list that was delivered."""
        return cls(
            export=prepared.name,
            kind=prepared.export.to.kind,
            generation_id=prepared.generation_id,
            as_of_date=prepared.as_of_date,
            declaration=declaration_hash(prepared.export),
            rows_selected=prepared.rows_selected,
            left_out=dict(prepared.left_out),
            rows_written=prepared.rows.num_rows,
            columns=[{"name": name, "type": kind} for name, kind in prepared.types.items()],
            **fields,
        )

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The last delivery; None before the first, and where its record is damaged: then it is delivered anew."""
        try:
            return cls(**read_document(folder / MANIFEST, "delivered anew"))
        except (DamagedStateError, TypeError):
            return None

    def write(self, folder: Path, *, is_private: bool) -> None:
        """Write the record."""
        write_document(folder / MANIFEST, dict(vars(self)))
        if is_private:
            (folder / MANIFEST).chmod(PRIVATE_FILE)


def general_folder(published: Path, name: str) -> Path:
    """Where an export without personal data lies."""
    return published / "exports" / name


def private_folder(published: Path, name: str) -> Path:
    """Where an export with personal data lies, and what is kept of lists that were sent."""
    return published / "restricted" / "exports" / name


def made_folder(folder: Path, *, is_private: bool) -> Path:
    """The folder, made where it is not there; a private one and those above it are its owner's alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if is_private:
        for private in (folder.parent.parent, folder.parent, folder):
            private.chmod(PRIVATE_FOLDER)
    return folder
