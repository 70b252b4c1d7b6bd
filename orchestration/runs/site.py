"""One company as the assets see it: configuration, folders, warehouse; and the resources that hand it to them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import dagster as dg

from orchestration.declaration.company import Company, load_company
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace, memory_limit
from orchestration.runs.recovery import recover_dead_runs
from orchestration.warehouse.database import Warehouse
from orchestration.warehouse.mending import open_warehouse, seal_warehouse


@dataclass(frozen=True)
class Site:
    """A company's configuration beside the folders that hold its state."""

    workspace: Workspace
    company: Company = field(repr=False)

    @classmethod
    def from_environment(cls, company: str | None = None) -> Site:
        """The company that CX_COMPANY (or the argument) names, its configuration read and checked."""
        workspace = Workspace.from_environment(company)
        return cls(workspace, load_company(workspace))

    @cached_property
    def warehouse(self) -> Warehouse:
        """The private warehouse; open it only while the run holds the lock."""
        return Warehouse(
            self.workspace.warehouse_path,
            self.workspace.lock_path,
            memory_limit=memory_limit(),
            landing_dir=self.workspace.landing_dir,
        )

    def now(self) -> dt.datetime:
        """The schedule's clock, in UTC."""
        return self.workspace.now()


def warehouse_resource(site: Site) -> dg.ResourceDefinition:
    """The warehouse, with the one-writer lock held from the run's first step to its last."""

    @dg.resource(description="The private DuckDB warehouse; holds the one-writer lock for the whole run.")
    def warehouse(context: dg.InitResourceContext) -> Iterator[Warehouse]:
        lock_path = site.workspace.lock_path
        lock.acquire(lock_path, run_id=context.run_id, started_at=site.now().isoformat(timespec="seconds"))
        try:
            if context.instance is not None:
                recover_dead_runs(context.instance, alive_run_id=context.run_id)
            open_warehouse(site.workspace, _said(context))
            yield site.warehouse
            seal_warehouse(site.workspace)
        finally:
            lock.release(lock_path)

    return warehouse


def _said(context: dg.InitResourceContext) -> Callable[[str], None]:
    """Where a resource says what the run's output has to tell."""
    return logging.getLogger("cx.warehouse").warning if context.log is None else context.log.warning
