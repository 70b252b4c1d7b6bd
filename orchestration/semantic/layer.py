"""Metrics of one published generation: a question in names, an answer as a table.

The generation is opened once, read-only, and stays the one that was opened: tables and definitions of one moment.
MetricFlow is imported with the first question, since that costs more than a second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.ground.nearest import near
from orchestration.ground.sql_text import literal, quoted
from orchestration.ground.workspace import memory_limit
from orchestration.semantic.catalogue import (
    CURRENCY,
    MetricDefinition,
    SavedQuery,
    find_metric,
    metric_definitions,
    saved_queries,
)
from orchestration.semantic.conditions import condition, resolve
from orchestration.semantic.definitions import (
    CATALOG,
    SCHEMA,
    Definitions,
    MetricError,
    create_views,
    read_definitions,
    relations,
)

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.semantic.rendering import Renderer

GRAINS = ("day", "week", "month", "quarter", "year")


class MetricLayer:
    """The metrics of one published generation; `open` makes one, `close` or a `with` statement ends it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, definitions: Definitions) -> None:
        """Take a connection that `open` has prepared."""
        self._connection = connection
        self._definitions = definitions
        document = definitions.document()
        self._metrics = metric_definitions(document)
        self._saved = saved_queries(document)
        self._renderer: Renderer | None = None

    @classmethod
    def open(cls, published: Path) -> MetricLayer:
        """Open what a company has published.

        Args:
            published: Folder of the publication, a generation's folder, or a database file in either
                (`published/current.duckdb`).

        Raises:
            MetricError: Nothing is published there, or it has no definitions of metrics.
        """
        generation = _generation_folder(published)
        definitions = read_definitions(generation)
        connection = duckdb.connect()
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set memory_limit = ?", [memory_limit()])
            # Under the name that dbt gave the warehouse: the views name its tables so.
            connection.execute(f"attach {literal(generation / 'cx.duckdb')} as cx (read_only)")
            create_views(connection, definitions.views)
            connection.execute("use cx")
            # Conditions are people's own SQL: from here on it reaches no other file, and cannot change that.
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
        except (duckdb.Error, MetricError) as error:
            connection.close()
            raise MetricError(f"{generation} cannot be opened for metrics: {str(error).splitlines()[0]}") from error
        return cls(connection, definitions)

    def __enter__(self) -> MetricLayer:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Let the files go."""
        self._connection.close()

    @property
    def minimum_answers(self) -> int:
        """Below so many answers (or invitations, tickets, ...) a rate is suppressed."""
        return self._definitions.minimum_answers

    def metrics(self) -> list[MetricDefinition]:
        """All metrics, by name."""
        return [self._metrics[name] for name in sorted(self._metrics)]

    def metric(self, name: str) -> MetricDefinition:
        """One metric, by its name or label.

        Raises:
            MetricError: There is none of this name.
        """
        return find_metric(name, self._metrics)

    def saved(self) -> list[SavedQuery]:
        """All saved queries, by name."""
        return [self._saved[name] for name in sorted(self._saved)]

    def dimensions(self, metrics: Sequence[str]) -> list[str]:
        """Full names of what all of these metrics can be told by, besides the grains of time."""
        return sorted(self._rendering().groups([self.metric(name).name for name in metrics]))

    def query_saved(
        self, name: str, where: str | None = None, start: date | None = None, end: date | None = None
    ) -> pd.DataFrame:
        """Answer a saved query; what it returns is as in `query`.

        Raises:
            MetricError: There is no such query, or the condition cannot be asked.
        """
        saved = self._saved.get(name.strip().lower())
        if saved is None:
            raise MetricError(f"No saved query {name!r}.{near(name, self._saved)}")
        return self.query(saved.metrics, by=saved.by, grain=saved.grain, where=where, start=start, end=end)

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        grain: str | None = None,
        where: str | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> pd.DataFrame:
        """Metrics, told by what is asked.

        Args:
            metrics: Names or labels.
            by: What they are told by, by short or full names: touchpoint, survey_type, customer__rfm_segment, ...
            grain: day, week, month, quarter or year of the metric's own day; None for the whole time.
            where: Condition in SQL over the same names, and `day`.
            start: First day that counts; None from the beginning.
            end: Last day that counts; None to the observation date.

        Returns:
            One row per combination that has rows, in order: the grain (first day of the period), then `by`, then the
            currency where an amount of money is asked, then the metrics. Beside a rate stand the count that it rests on
            (by that metric's name), `<rate>_low` and `<rate>_high` where it has an interval at 95%, and whether it is
            suppressed: `is_suppressed`, or `is_<rate>_suppressed` where several rates are asked. A suppressed rate is
            null, and so are its bounds.

        Raises:
            MetricError: A name is unknown or the condition cannot be asked; the message says what could be.
        """
        from orchestration.semantic.answers import finished

        if not metrics:
            raise MetricError("Name at least one metric; `cx metric list` tells them all.")
        wanted = list({metric.name: metric for metric in map(self.metric, metrics)}.values())
        rendering = self._rendering()
        needed = _with_counts(wanted)
        groups = rendering.groups(needed)
        told_by = _told_by(wanted, by, groups)
        period = _period(grain)
        limits = [f"day >= '{start:%Y-%m-%d}'"] if start else []
        limits += [f"day <= '{end:%Y-%m-%d}'"] if end else []
        conditions = [condition(text, groups) for text in ([where] if where else []) + limits]
        rows = self._rows(rendering.sql(needed, [*period, *told_by.values()], conditions), period, told_by, needed)
        return finished(rows, wanted, [*period.values(), *told_by], self.minimum_answers)

    def _rendering(self) -> Renderer:
        if self._renderer is None:
            from orchestration.semantic.rendering import Renderer

            document = self._definitions.document()
            for relation in relations(document):
                relation["database"] = CATALOG
                relation["relation_name"] = f"{CATALOG}.{SCHEMA}.{relation['alias']}"
            self._renderer = Renderer(json.dumps(document))
        return self._renderer

    def _rows(
        self, sql: str, period: Mapping[str, str], told_by: Mapping[str, str], metrics: Sequence[str]
    ) -> pd.DataFrame:
        try:
            types = dict(row[:2] for row in self._connection.execute(f"describe {sql}").fetchall())
            columns = [f"cast({full} as date) as {quoted(name)}" for full, name in period.items()]
            columns += [f"{full} as {quoted(name)}" for name, full in told_by.items()]
            # Sums of whole numbers come as 128 bits, which no frame holds.
            columns += [f"cast({name} as bigint) as {name}" if types[name] == "HUGEINT" else name for name in metrics]
            order = ", ".join(f"{number} nulls last" for number in range(1, len(period) + len(told_by) + 1))
            query = f"select {', '.join(columns)} from ({sql}) as asked" + (f" order by {order}" if order else "")
            return self._connection.execute(query).df()
        except duckdb.Error as error:
            raise MetricError(f"The question cannot be answered: {str(error).splitlines()[0]}") from error


def _generation_folder(published: Path) -> Path:
    folder = published.resolve()
    folder = folder.parent if folder.is_file() else folder
    if (folder / "current").exists():
        folder = (folder / "current").resolve()
    if not (folder / "cx.duckdb").is_file():
        raise MetricError(f"Nothing is published in {published}: run `cx run` first.")
    return folder


def _with_counts(wanted: Sequence[MetricDefinition]) -> list[str]:
    """The metrics and the counts on which their suppression and their intervals rest, each once."""
    needed = [metric.name for metric in wanted]
    for metric in wanted:
        needed += [metric.minimum_of] if metric.minimum_of else []
        needed += metric.interval.counts if metric.interval else ()
    return list(dict.fromkeys(needed))


def _told_by(wanted: Sequence[MetricDefinition], by: Sequence[str], groups: Mapping[str, bool]) -> dict[str, str]:
    """Full name by name of the column: the last part of it, or all of it where two would be called the same."""
    full = [resolve(name, groups) for name in by]
    if any(metric.is_money for metric in wanted) and CURRENCY not in full:
        if CURRENCY not in groups:
            money = next(metric.label for metric in wanted if metric.is_money)
            raise MetricError(f"{money} is told by currency, which the other metrics do not have: ask them apart.")
        full.append(CURRENCY)
    full = list(dict.fromkeys(full))
    short = [name.split("__")[-1] for name in full]
    return {last if short.count(last) == 1 else name: name for name, last in zip(full, short, strict=True)}


def _period(grain: str | None) -> dict[str, str]:
    """Name of the column by MetricFlow's name of the period; empty without a grain."""
    if grain is None:
        return {}
    if grain.lower() not in GRAINS:
        raise MetricError(f"No grain {grain!r}: say {', '.join(GRAINS)}.")
    return {f"metric_time__{grain.lower()}": grain.lower()}
