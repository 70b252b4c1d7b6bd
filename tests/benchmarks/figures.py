"""Figures of a benchmark: kept as rows for programs, printed as Markdown tables for people."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import psutil

from tests.benchmarks.comparison import TableComparison
from tests.benchmarks.measuring import Measured, StageFigures, Window

THIS = "this"
RIVAL = "hand_written_duckdb"
PLAIN = "plain_calls"
SYSTEMS = (THIS, PLAIN, RIVAL)
START = "start"
BETWEEN = "between_steps"
SQL = "sql"
STAGES = (
    *(START, "extract", "stage_1", "given", "identity", "stage_2", "core", "scores", "stage_3", "stage_4", "marts"),
    *("checks", "publish", BETWEEN),
)
SQL_STAGES = frozenset({"stage_1", "stage_2", "stage_3", "stage_4", "core", "marts"})
TITLES = {
    START: "start (imports, dbt parse)",
    "stage_1": "dbt, before identity",
    "stage_2": "dbt, after identity",
    "core": "by hand: core and features",
    "stage_3": "dbt, after scores",
    "stage_4": "dbt, after drivers",
    "marts": "by hand: marts",
    "given": "given tables copied",
    BETWEEN: "between steps, end",
    SQL: "**SQL, all stages**",
    "total": "**total**",
}


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        case: scale_<scale>/<what>.
        system: this, hand_written_duckdb or plain_calls.
        metric: Name with its unit.
        value: The value.
        unit: s, MiB, rows, nodes, share.
    """

    case: str
    system: str
    metric: str
    value: float
    unit: str


@dataclass
class Figures:
    """All figures of one benchmark at one scale.

    Attributes:
        scale: Of the sample company.
        rows: Measured values.
        machine: What they are measured on, told before anything runs.
    """

    scale: float
    rows: list[Figure] = field(default_factory=list)
    machine: Mapping[str, str] = field(default_factory=dict)

    def add(self, what: str, system: str, metric: str, value: float, unit: str) -> None:
        """Keep a value."""
        self.rows.append(Figure(f"scale_{self.scale:g}/{what}", system, metric, value, unit))

    def value(self, what: str, system: str, metric: str) -> float | None:
        """A kept value, or null."""
        case = f"scale_{self.scale:g}/{what}"
        return next((f.value for f in self.rows if (f.case, f.system, f.metric) == (case, system, metric)), None)

    def add_process(self, what: str, system: str, measured: Measured) -> None:
        """A whole process: wall and CPU time, peak memory of its tree."""
        self.add(what, system, "wall_seconds", round(measured.wall_seconds, 3), "s")
        self.add(what, system, "cpu_seconds", round(measured.cpu_seconds, 3), "s")
        self.add(what, system, "others_cpu_share", round(measured.others_cpu_share, 3), "share")
        self.add(what, system, "peak_memory_mib", round(measured.peak_memory_mib, 1), "MiB")

    def add_stages(self, system: str, measured: Measured, windows: Sequence[Window]) -> None:
        """Each stage of a process, its start before the first window, and the time in no window."""
        start = Window(START, measured.began_at, min(window.began_at for window in windows))
        by_stage: dict[str, list[Window]] = {START: [start]}
        for window in windows:
            by_stage.setdefault(window.stage, []).append(window)
        for stage, found in by_stage.items():
            self._add_stage(stage, system, measured.stage(found))
        self._add_stage(SQL, system, measured.stage([w for w in windows if w.stage in SQL_STAGES]))
        inside = sum(window.ended_at - window.began_at for window in [start, *windows])
        self._add_stage(BETWEEN, system, StageFigures(measured.wall_seconds - inside, None))
        self.add_process("total", system, measured)

    def _add_stage(self, stage: str, system: str, figures: StageFigures) -> None:
        self.add(stage, system, "wall_seconds", round(figures.wall_seconds, 3), "s")
        if figures.peak_memory_mib is not None:
            self.add(stage, system, "peak_memory_mib", round(figures.peak_memory_mib, 1), "MiB")

    def add_comparisons(self, comparisons: Sequence[TableComparison]) -> None:
        """Rows of every compared table on both sides, and how many differ."""
        for found in comparisons:
            self.add(f"rows/{found.table}", THIS, "row_count", found.this_count, "rows")
            self.add(f"rows/{found.table}", RIVAL, "row_count", found.rival_count, "rows")
            differing = found.only_this + found.only_rival
            self.add(f"rows/{found.table}", RIVAL, "differing_row_count", differing, "rows")

    def write(self, path: Path) -> None:
        """As a JSON list of case, system, metric, value, unit."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(row) for row in self.rows], indent=1) + "\n", encoding="utf-8")

    def stage_table(self) -> str:
        """Wall time and peak memory per stage and system, as Markdown."""
        columns = "".join(f" {system} s | {system} MiB |" for system in SYSTEMS)
        lines = [f"| stage |{columns}", "| --- |" + " ---: |" * 2 * len(SYSTEMS)]
        for stage in (*STAGES, SQL, "total"):
            cells = []
            for system in SYSTEMS:
                cells.append(_cell(self.value(stage, system, "wall_seconds"), ".1f"))
                cells.append(_cell(self.value(stage, system, "peak_memory_mib"), ",.0f"))
            lines.append(f"| {TITLES.get(stage, stage)} | {' | '.join(cells)} |")
        return "\n".join(lines)


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def row_table(comparisons: Sequence[TableComparison]) -> str:
    """Rows of every compared table, as Markdown."""
    lines = ["| table | rows here | rows hand-written | columns compared | |", "| --- | ---: | ---: | ---: | --- |"]
    for found in comparisons:
        verdict = "equal" if found.is_equal else f"DIFFERENT: {found.explanation()}"
        lines.append(
            f"| {found.table} | {found.this_count:,} | {found.rival_count:,} | {found.compared_columns} | {verdict} |"
        )
    return "\n".join(lines)


def machine_facts() -> Mapping[str, str]:
    """What the figures were measured on, and when."""
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "DuckDB": duckdb.__version__,
    }
