"""Dagster's SQLite storage with the event log's connections kept open; dagster.yaml names it. No rule lives here.

Dagster opens and closes the event log's file for every event. Each close of the last connection folds SQLite's
write-ahead log back into the file, which for the thousand events of a run cost a fifth of its processor time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from orchestration.runs.event_store import mark_in_use

BUSY_SECONDS = 60  # what a writer waits for another one, as in Dagster's own storage
KEPT_FILES = 4  # the index and the newest runs; a web server may look at hundreds


class EventLog(SqliteEventLogStorage):
    """The event log: one file per run and one index, each with an engine that lives as long as it is used."""

    def __init__(self, base_dir: str) -> None:
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        self._in_use = mark_in_use(Path(base_dir).parents[1])
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        if shard not in self._engines:
            while len(self._engines) >= KEPT_FILES:
                self._engines.popitem(last=False)[1].dispose()
            engine = sa.create_engine(self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_SECONDS})
            sa.event.listen(engine, "connect", _write_without_flushing)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def dispose(self) -> None:
        """Close the files."""
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
        super().dispose()
        self._in_use.close()


def _write_without_flushing(connection: Any, _record: Any) -> None:
    """Commit a thousand events without waiting for the disk each time.

    With `synchronous = normal` the write-ahead log survives a killed process whole; only a power cut can lose the last
    events, and what a run made is told by manifests and generations, not by the event log.
    """
    connection.execute("pragma synchronous = normal")


class Storage(DagsterSqliteStorage):
    """Dagster's own storage of runs and schedules beside this event log, in the same folders."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(str(Path(base_dir) / "history" / "runs"))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Storage:
        """Made by Dagster from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)
