"""`cx metric`: published metrics, asked by name. What they mean is defined in dbt_project/models/semantic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer
from typer.core import TyperGroup

from orchestration.cli.exits import EXIT_USAGE, fail
from orchestration.ground.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.semantic.layer import MetricLayer


class _QueryByDefault(TyperGroup):
    """`cx metric NPS` is `cx metric query NPS`: whatever is no command is the name of a metric."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of this name, or else `query` with all that was given."""
        if self.get_command(ctx, args[0]) is None:
            args = ["query", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_QueryByDefault,
    help="Published metrics: `cx metric NPS --by touchpoint --grain month`; list and show say what each means.",
    no_args_is_help=True,
)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Company that is asked about (CX_COMPANY).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WhereOption = Annotated[
    str | None, typer.Option("--where", help="Condition in SQL on the same names, and `day`: \"channel = 'app'\".")
]
FromOption = Annotated[str | None, typer.Option("--from", help="First day that counts (YYYY-MM-DD).")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day that counts (YYYY-MM-DD).")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write .csv or .parquet instead of a table.")]


@contextmanager
def _layer(company: str | None) -> Iterator[MetricLayer]:
    """The company's metrics; a question without an answer ends the command with its reason."""
    from orchestration.semantic.definitions import MetricError
    from orchestration.semantic.layer import MetricLayer

    try:
        with MetricLayer.open(Workspace.from_environment(company).published_dir) as layer:
            yield layer
    except (MetricError, WorkspaceError) as error:
        raise fail(str(error), EXIT_USAGE) from None


@app.command(name="list")
def list_metrics(company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """What can be asked: every metric with its meaning, unit and owner, and the saved queries."""
    with _layer(company) as layer:
        metrics, saved = layer.metrics(), layer.saved()
    if as_json:
        told = {"metrics": [asdict(item) for item in metrics], "saved_queries": [asdict(item) for item in saved]}
        typer.echo(json.dumps(told, indent=1))
        return
    for owner in sorted({metric.owner for metric in metrics}):
        typer.echo(f"Owner: {owner}")
        for metric in metrics:
            if metric.owner == owner:
                typer.echo(f"  {metric.name:<24} {metric.label} [{metric.unit}]: {metric.description}")
    typer.echo("Saved queries (cx metric saved <name>)")
    for item in saved:
        typer.echo(f"  {item.name:<32} {item.description}")


@app.command()
def show(name: str, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """One metric: meaning, unit, owner, formula, and what it can be told by."""
    with _layer(company) as layer:
        metric = layer.metric(name)
        by = layer.dimensions([name])
        minimum = layer.minimum_answers
    if as_json:
        typer.echo(json.dumps({**asdict(metric), "by": by}, indent=1))
        return
    lines = [
        f"{metric.label} ({metric.name})",
        f"  {metric.description}",
        f"  Unit: {metric.unit}. Owner: {metric.owner}.",
        f"  Formula: {metric.formula}",
    ]
    if metric.minimum_of:
        lines.append(f"  Suppressed below {minimum} {metric.minimum_of}.")
    if metric.interval:
        lines.append(f"  Interval at 95%: {metric.interval.method.replace('_', ' ')}.")
    lines.append(f"  By: {', '.join(by)}; --grain day, week, month, quarter or year")
    typer.echo("\n".join(lines))


@app.command()
def query(
    metrics: Annotated[list[str], typer.Argument(help="Names or labels of metrics.")],
    by: Annotated[
        list[str] | None, typer.Option("--by", help="What they are told by; again, or with commas, for more.")
    ] = None,
    grain: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    where: WhereOption = None,
    start: FromOption = None,
    end: ToOption = None,
    out: OutOption = None,
    company: CompanyOption = None,
) -> None:
    """Ask metrics by what they are told by: a table, or a file with --out."""
    told_by = [name for text in by or [] for name in text.split(",") if name.strip()]
    first, last = _day(start), _day(end)
    with _layer(company) as layer:
        found = layer.query(metrics, by=told_by, grain=grain, where=where, start=first, end=last)
        decimals = {metric.name: metric.decimals for metric in layer.metrics()}
    _answer(found, decimals, out)


@app.command()
def saved(
    name: Annotated[str, typer.Argument(help="Saved query, as `cx metric list` names it.")],
    where: WhereOption = None,
    start: FromOption = None,
    end: ToOption = None,
    out: OutOption = None,
    company: CompanyOption = None,
) -> None:
    """Ask a saved query."""
    first, last = _day(start), _day(end)
    with _layer(company) as layer:
        found = layer.query_saved(name, where=where, start=first, end=last)
        decimals = {metric.name: metric.decimals for metric in layer.metrics()}
    _answer(found, decimals, out)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise fail("Write --from and --to as 2026-01-31.", EXIT_USAGE) from None


def _answer(found: pd.DataFrame, decimals: dict[str, int], out: Path | None) -> None:
    from orchestration.semantic.definitions import MetricError
    from orchestration.semantic.export import write_table

    if out is None:
        typer.echo(_table(found, decimals))
        return
    try:
        write_table(found, out)
    except (MetricError, OSError) as error:
        raise fail(str(error), EXIT_USAGE) from None
    typer.echo(f"{len(found)} row{'' if len(found) == 1 else 's'} written to {out}")


def _table(found: pd.DataFrame, decimals: dict[str, int]) -> str:
    """Columns side by side, numbers to the right; a suppressed or unknown value is a dash."""
    import pandas as pd

    from orchestration.cli.quarantine import printable

    if found.empty:
        return "No rows."

    def shown(name: str, value: Any) -> str:
        if pd.isna(value):
            return "-"
        if isinstance(value, pd.Timestamp):
            return value.date().isoformat()
        if isinstance(value, float):
            metric = name.removesuffix("_low").removesuffix("_high")
            return f"{value:,.{decimals.get(metric, 2)}f}"
        return printable(str(value))

    cells = [[shown(name, value) for name, value in zip(found.columns, row, strict=True)] for row in _rows(found)]
    widths = [max(len(name), *(len(row[place]) for row in cells)) for place, name in enumerate(found.columns)]
    is_number = [pd.api.types.is_numeric_dtype(kind) for kind in found.dtypes]

    def line(texts: Sequence[str]) -> str:
        padded = zip(texts, widths, is_number, strict=True)
        return "  ".join(f"{text:>{width}}" if right else f"{text:<{width}}" for text, width, right in padded).rstrip()

    return "\n".join([line(list(found.columns)), *map(line, cells)])


def _rows(found: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    yield from found.itertuples(index=False, name=None)
