"""Tables that are pulled: one window of rows becomes one load that holds only what had not landed.

The cursor stands in no file of its own: it is told by the committed manifests, so a crash leaves a load whole or
absent and the next run pulls the same window again. Reading is in `connectors`, casting and quarantine in `parts`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.connectors import Connector, ConnectorError, Pulled, PullRequest, open_connector
from orchestration.declaration.connections import CompareKeys
from orchestration.declaration.tables import LandingTable, Source
from orchestration.ground.durable import file_sha256
from orchestration.landing.control_totals.of_pulls import PulledWindow, pull_control_totals
from orchestration.landing.errors import LandingError
from orchestration.landing.loads import versions
from orchestration.landing.loads.manifest import Manifest, Part, Pull, SourceFile
from orchestration.landing.loads.parts import LoadTarget, land_part
from orchestration.landing.pulls.window import PullMode, PullWindow, cursor_high, next_request


@dataclass(frozen=True)
class Landed:
    """What a pull gave: parts with rows (none when nothing was new) and how it came about."""

    parts: tuple[Part, ...]
    pull: Pull

    @property
    def is_news(self) -> bool:
        """Whether rows came, or the source says something else of those that are there."""
        return bool(self.parts) or self.pull.control_totals is not None


def pull_parts(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    item: LandingTable,
    known: list[Manifest],
    window: PullWindow,
    target: LoadTarget,
    zone: str,
    environ: Mapping[str, str] | None = None,
) -> Landed:
    """Pull rows of the source and write what had not landed.

    Args:
        engine: An in-memory engine.
        source: The source.
        item: The table.
        known: Current loads of the table under its present declaration, oldest first.
        window: The usual window, a full refresh or a backfill.
        target: Where the files go.
        zone: The company's zone, in which the source's rows are counted by day.
        environ: Environment with the credentials; None takes the process's own.

    Raises:
        LandingError: The source cannot be read, sends other rows than it says, or has lost too many keys.
    """
    try:
        with open_connector(source, environ) as connector:
            mode, request = next_request(item, known, window)
            landed, incoming = _pull(engine, connector, item, known, (mode, request), target)
            return _with_control_totals(engine, connector, item, known, request, landed, incoming, target, zone)
    except ConnectorError as error:
        # The driver's own exception is not kept: it may quote the address with its password.
        raise LandingError(f"{item.landing_name}: {error}") from None


def _pull(
    engine: duckdb.DuckDBPyConnection,
    connector: Connector,
    item: LandingTable,
    known: list[Manifest],
    planned: tuple[PullMode, PullRequest],
    target: LoadTarget,
) -> tuple[Landed, Path]:
    mode, request = planned
    pulled = connector.pull(request, target.scratch)
    source = _described(pulled, item)
    read_as = dataclasses.replace(item, table=item.table.model_copy(update={"format": pulled.format}))
    if mode == "first" and item.capabilities.is_of_one_moment:
        part = _checked(land_part(engine, read_as, pulled.path, source, target.part(0)), pulled, item)
        versions.check_unique(engine, item, target.part(0))
        return _landed([part], mode, request, pulled, known_count=0, deleted_count=0), pulled.path
    incoming = _checked(land_part(engine, read_as, pulled.path, source, target.passing()), pulled, item)
    history = versions.History(item, known, target.state_dir)
    parts = []
    part = versions.new_rows(engine, history, incoming, target.passing(), target.part(0), is_full=request.low is None)
    if part.landed.rows or part.quarantined_count or mode == "first":
        parts.append(part)
    known_count = incoming.record_count - part.record_count
    deleted_count = 0
    if known and isinstance(item.table.deletes, CompareKeys):
        keys = connector.keys(item, target.scratch)
        gone = None
        if keys is not None:
            gone = versions.deleted_rows(engine, history, keys, target.part(len(parts)), rows_before=pulled.row_count)
        if gone is not None:
            parts.append(gone)
            deleted_count = gone.landed.rows
    landed = _landed(parts, mode, request, pulled, known_count=known_count, deleted_count=deleted_count)
    return landed, pulled.path


def _with_control_totals(
    engine: duckdb.DuckDBPyConnection,
    connector: Connector,
    item: LandingTable,
    known: list[Manifest],
    request: PullRequest,
    landed: Landed,
    incoming: Path,
    target: LoadTarget,
    zone: str,
) -> Landed:
    """Add what the source itself says of its rows now."""
    if item.table.reconcile is None:
        return landed
    present = Manifest(target.sequence, target.load_id, item.source_name, item.table_name, "", "", landed.parts)
    loads = [*known, present]
    is_snapshot = item.capabilities.is_of_one_moment
    window = PulledWindow(request.low, cursor_high(item, loads), zone, target.scratch, is_snapshot)
    history = versions.History(item, loads, target.state_dir)
    path = target.landed / "control-totals-0000.parquet"
    totals = pull_control_totals(engine, connector, history, incoming, window, path)
    return dataclasses.replace(landed, pull=dataclasses.replace(landed.pull, control_totals=totals))


def _landed(
    parts: list[Part], mode: PullMode, request: PullRequest, pulled: Pulled, *, known_count: int, deleted_count: int
) -> Landed:
    pull = Pull(
        mode=mode,
        low=None if request.low is None else str(request.low),
        high=None if request.high is None else str(request.high),
        row_count=pulled.row_count,
        known_count=known_count,
        deleted_count=deleted_count,
        position=None if mode == "backfill" else pulled.position,
        empty_count=pulled.empty_count,
        repeated_count=pulled.repeated_count,
    )
    return Landed(tuple(parts), pull)


def _described(pulled: Pulled, item: LandingTable) -> SourceFile:
    return SourceFile(item.address, pulled.path.stat().st_size, file_sha256(pulled.path), 0, 0)


def _checked(part: Part, pulled: Pulled, item: LandingTable) -> Part:
    if part.record_count != pulled.row_count:
        raise LandingError(
            f"{item.landing_name}: the source says that it sent {pulled.row_count} rows, {part.record_count} arrived;"
            " nothing was landed"
        )
    return part
