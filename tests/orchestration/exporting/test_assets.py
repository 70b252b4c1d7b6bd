"""Exports as assets: behind the generation, each by itself, with all counts told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration.declaration.settings.exports import Export
from orchestration.defs.exports.assets import build_defs
from tests.orchestration.exporting.made import CALLS, SYNC, declared


def frame(published: Path, exports: dict[str, Export]) -> Any:
    """What the area reads of one."""
    workspace = SimpleNamespace(published_dir=published, lock_path=published.parent / "lock")
    company = SimpleNamespace(exports=exports, owner="team:data")
    now = dt.datetime(2026, 7, 2, 8, tzinfo=dt.UTC)
    site = SimpleNamespace(workspace=workspace, company=company, now=lambda: now)
    return SimpleNamespace(site=site, asset_keys=set())


def materialized(framed: Any) -> dg.ExecuteInProcessResult:
    assets = [asset for asset in build_defs(framed).assets or () if isinstance(asset, dg.AssetsDefinition)]
    return dg.materialize(assets, resources={"site": framed.site}, raise_on_error=False)


def test_nothing_is_defined_unless_company_yml_says_so(published: Path) -> None:
    made = build_defs(frame(published, {}))
    assert not made.assets
    assert not made.jobs


def test_every_list_stands_behind_the_generation(published: Path) -> None:
    to_api = declared(SYNC, to={"kind": "http", "url_env": "CX_CRM_URL"})
    made = build_defs(frame(published, {"calls": declared(CALLS, owner="team:service"), "sync": to_api}))
    assets = [asset for asset in made.assets or () if isinstance(asset, dg.AssetsDefinition)]
    specs = {spec.key.to_user_string(): spec for asset in assets for spec in asset.specs}
    assert {name: (list(spec.owners), spec.kinds) for name, spec in specs.items()} == {
        "exports/calls": (["team:service"], {"csv"}),
        "exports/sync": (["team:data"], {"api"}),
    }
    for spec in specs.values():
        assert [dep.asset_key.to_user_string() for dep in spec.deps] == ["published/generation"]
        assert (spec.group_name, spec.description) == ("exports", "Segments for the CRM.")
    assert [job.name for job in made.jobs or ()] == ["send_exports"]


@pytest.mark.usefixtures("generation")
def test_all_counts_are_told(published: Path) -> None:
    framed = frame(published, {"calls": declared(CALLS)})
    (event,) = materialized(framed).get_asset_materialization_events()
    metadata = {name: value.value for name, value in event.materialization.metadata.items()}
    assert metadata.pop("columns") == [
        {"name": "Customer", "type": "VARCHAR"},
        {"name": "Amount", "type": "DECIMAL(18,2)"},
        {"name": "Phone", "type": "VARCHAR"},
        {"name": "Name", "type": "VARCHAR"},
    ]
    assert metadata == {
        "generation_id": "00000001-s1",
        "as_of_date": "2026-06-30",
        "is_new": True,
        "path": "restricted/exports/calls/calls.csv",
        "rows_selected": 6,
        "left_out_unknown_customer": 1,
        "left_out_no_consent": 2,
        "left_out_no_contact": 1,
        "dagster/row_count": 2,
    }


@pytest.mark.usefixtures("generation")
def test_a_list_that_fails_stops_no_other(published: Path) -> None:
    exports = {"a_sync": declared(SYNC), "broken": declared(SYNC, max_rows=1), "z_sync": declared(SYNC)}
    done = materialized(frame(published, exports))
    assert not done.success
    (failed,) = [event for event in done.all_events if event.is_step_failure]
    assert failed.step_key == "exports__broken"
    assert "6 rows would leave, max_rows allows 1" in str(failed.step_failure_data.error)
    assert sorted(path.name for path in (published / "exports").iterdir()) == ["a_sync", "z_sync"]
