"""The published generation, opened read-only for each query. What a page does with it lies in `pages/`.

A `Publication` names one immutable generation, so that all figures of a page are of one state even if a run publishes
meanwhile. Results that single nobody out may be kept for all readers, under the name of their generation; rows of
single customers are read anew each time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.ground.durable import DamagedStateError, read_document
from orchestration.ground.workspace import COMPANY_NAME, Workspace
from orchestration.publication.generations import LOOKED, STALE_AFTER, PublicationError, current_generation

SCORES = "marts.mart_experience__score_by_touchpoint_month"
DIRECT_COLUMNS = frozenset(
    [
        "answer_text",
        "birth_date",
        "company_name",
        "email",
        "employee_id",
        "family_name",
        "given_name",
        "message_text",
        "phone",
        "postal_code",
        "source_person_id",
        "street_address",
        "tax_number",
        "verbatim",
    ]
)
"""Columns that the contracts mark as personal. The general publication has none; a query that brings one is refused."""
SINGLING_COLUMNS = frozenset(
    [
        "customer_id",
        "old_customer_id",
        "other_customer_id",
        "customer_id_a",
        "customer_id_b",
        "record_id",
        "record_id_a",
        "record_id_b",
        "household_id",
        "order_id",
        "row_key",
        "event_id",
    ]
)
"""Columns whose rows stand for one person: they are shown, never kept in the cache that all readers share."""


class PersonalColumnError(RuntimeError):
    """A query would show, or keep for all readers, what is personal."""


class NothingPublishedError(RuntimeError):
    """A company has no readable publication; the message says why."""


@dataclass(frozen=True)
class Publication:
    """One generation of one company.

    Attributes:
        company: Name of the company.
        path: Database file of the generation itself, not the link to it.
        generation_id: Its number and snapshot.
        as_of_date: Observation date, inclusive.
        published_at: When it was published (UTC).
        last_fresh_at: When a run last found it to hold all that the sources have (UTC).
        checks_passed: Checks that passed.
        checks_declared: Checks that were declared.
        warnings: Warnings of the run.
    """

    company: str
    path: Path
    generation_id: str
    as_of_date: dt.date
    published_at: dt.datetime
    last_fresh_at: dt.datetime
    checks_passed: int
    checks_declared: int
    warnings: tuple[str, ...]

    def is_stale(self, now: dt.datetime) -> bool:
        """Whether readers have had nothing new for so long that people are told."""
        return now - self.last_fresh_at > STALE_AFTER

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Read rows that may stand for single customers; nothing is kept.

        Raises:
            PersonalColumnError: A column names a person.
        """
        return _read(str(self.path), query, tuple(parameters))

    def named_rows(self, query: str, parameters: dict[str, Any]) -> pd.DataFrame:
        """As `rows`, with parameters by name.

        Raises:
            PersonalColumnError: A column names a person.
        """
        return _read(str(self.path), query, parameters)

    def figures(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Read figures of many; kept for all readers of this generation.

        Raises:
            PersonalColumnError: A column names a person, or its rows stand for one.
        """
        return _kept(self.generation_id, str(self.path), query, tuple(parameters)).copy()

    @property
    def minimum_answers(self) -> int:
        """Below so many answers there is no score, as the marts of this generation were built."""
        definitions = self.path.with_name("semantic_views.json")
        if definitions.is_file():
            return int(json.loads(definitions.read_text(encoding="utf-8"))["minimum_answers"])
        few = self.figures(f"select max(response_count) filter (where is_suppressed) as few from {SCORES}")["few"]
        return int(few.fillna(0).max()) + 1

    @property
    def tables(self) -> frozenset[str]:
        """Tables as schema.table."""
        found = self.figures("select schema_name || '.' || table_name as name from duckdb_tables()")
        return frozenset(found["name"])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, one dict each."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def state_root() -> Path:
    """Folder in which each company's state lies."""
    return Workspace.from_environment("any").state_dir.parent


def companies() -> list[str]:
    """Companies with a publication, by name."""
    root = state_root()
    if not root.is_dir():
        return []
    return sorted(
        folder.name
        for folder in root.iterdir()
        if COMPANY_NAME.match(folder.name) and (folder / "published" / "current").is_symlink()
    )


def open_publication(published: Path, company: str) -> Publication:
    """The generation that readers see now.

    Args:
        published: The company's folder of publications.
        company: Its name.

    Raises:
        NothingPublishedError: There is none, or its record is damaged.
    """
    try:
        made = current_generation(published)
    except PublicationError as error:
        raise NothingPublishedError(f"The publication is damaged: {error}") from error
    if made is None:
        raise NothingPublishedError("Nothing has been published yet.")
    published_at = dt.datetime.fromisoformat(made.published_at)
    return Publication(
        company=company,
        path=(published / "generations" / made.generation_id / "cx.duckdb").resolve(),
        generation_id=made.generation_id,
        as_of_date=dt.date.fromisoformat(made.as_of_date),
        published_at=published_at,
        last_fresh_at=max(published_at, _last_looked(published) or published_at),
        checks_passed=made.checks_passed,
        checks_declared=made.checks_declared,
        warnings=tuple(made.warnings),
    )


def now() -> dt.datetime:
    """Now in UTC; CX_CLOCK where it is set."""
    return Workspace.from_environment("any").now()


def _last_looked(published: Path) -> dt.datetime | None:
    if not (published / LOOKED).exists():
        return None
    try:
        return dt.datetime.fromisoformat(read_document(published / LOOKED, "written by the next run")["at"])
    except (DamagedStateError, KeyError, ValueError):
        return None  # readers are then called stale too early, not too late


@lru_cache(maxsize=300)
def _kept(generation_id: str, path: str, query: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
    """`generation_id` is part of the key: a rebuilt state may use a file's name again."""
    frame = _read(path, query, parameters)
    if singling := SINGLING_COLUMNS & set(frame.columns):
        raise PersonalColumnError(f"{sorted(singling)} stand for one person and are not kept for all readers.")
    return frame


def _read(path: str, query: str, parameters: tuple[Any, ...] | dict[str, Any]) -> pd.DataFrame:
    # Without external access a query reaches this file only: no other file, no extension, no network.
    with duckdb.connect(path, read_only=True, config={"enable_external_access": "false"}) as connection:
        frame = connection.execute(query, parameters).df()
    if direct := DIRECT_COLUMNS & set(frame.columns):
        raise PersonalColumnError(f"{sorted(direct)} name a person and have no place in the report.")
    return frame
