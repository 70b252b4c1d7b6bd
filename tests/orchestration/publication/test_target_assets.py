"""The assets of further targets: defined where they are declared, behind the generation, with what they wrote told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from orchestration.declaration.settings.publication import PublicationSettings
from orchestration.defs.publication.targets import build_defs, declared_keys
from tests.orchestration.publication.made import change, make_warehouse, publish_file

POSTGRES = {"url_env": "CX_TARGET", "prefix": "shop_", "read_role": "reader"}


def frame(tmp_path: Path, settings: PublicationSettings) -> Any:
    """What the area reads of one."""
    manifest = tmp_path / "manifest.json"
    if not manifest.exists():
        manifest.write_text(json.dumps({"nodes": {}}))
    workspace = SimpleNamespace(published_dir=tmp_path / "published", lock_path=tmp_path / "lock")
    company = SimpleNamespace(publication=settings, owner="team:data")
    now = dt.datetime(2026, 7, 2, 8, tzinfo=dt.UTC)
    site = SimpleNamespace(workspace=workspace, company=company, now=lambda: now)
    return SimpleNamespace(site=site, project=SimpleNamespace(manifest_path=manifest))


def test_nothing_is_defined_unless_company_yml_says_so(tmp_path: Path) -> None:
    made = build_defs(frame(tmp_path, PublicationSettings()))
    assert not made.assets


def test_what_is_declared_stands_behind_the_generation(tmp_path: Path) -> None:
    made = build_defs(frame(tmp_path, PublicationSettings.model_validate({"parquet": True, "postgres": POSTGRES})))
    assets = [asset for asset in made.assets or () if isinstance(asset, dg.AssetsDefinition)]
    specs = {spec.key.to_user_string(): spec for asset in assets for spec in asset.specs}
    assert set(specs) == {"published/parquet", "published/postgres"}
    for spec in specs.values():
        assert [dep.asset_key.to_user_string() for dep in spec.deps] == ["published/generation"]
        assert (list(spec.owners), spec.group_name) == (["team:data"], "publication")
        assert spec.description


def test_the_asset_tells_what_was_written_and_what_was_left(tmp_path: Path) -> None:
    warehouse, published = make_warehouse(tmp_path), tmp_path / "published"
    framed = frame(tmp_path, PublicationSettings(parquet=True))
    (asset,) = build_defs(framed).assets or ()
    assert isinstance(asset, dg.AssetsDefinition)
    told = []
    for sequence in (1, 2):
        publish_file(warehouse, published, sequence)
        done = dg.materialize([asset], resources={"site": framed.site})
        (event,) = done.get_asset_materialization_events()
        metadata = event.materialization.metadata
        told.append(
            [metadata[name].value for name in ("tables_written", "tables_left_as_they_were", "rows_written", "written")]
        )
        change(warehouse, "delete from marts.mart_a__answer where answer_count = 0")
    assert told == [
        [4, 0, 14, ["core.dim_customer_identity", "core.dim_customer", "marts.mart_a__answer", "marts.mart_a__empty"]],
        [1, 3, 6, ["marts.mart_a__answer"]],
    ]


def test_a_target_that_fails_fails_its_step_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_file(make_warehouse(tmp_path), tmp_path / "published", 1)
    monkeypatch.delenv("CX_TARGET", raising=False)
    framed = frame(tmp_path, PublicationSettings.model_validate({"postgres": POSTGRES}))
    done = dg.materialize(
        list(build_defs(framed).assets or ()),  # type: ignore[arg-type]
        resources={"site": framed.site},
        raise_on_error=False,
    )
    (failed,) = [event for event in done.all_events if event.is_step_failure]
    assert "CX_TARGET is not set" in str(failed.step_failure_data.error)


def _test(name: str, model: str, column: str | None = None, **fields: Any) -> dict[str, Any]:
    config = {"severity": fields.pop("severity", "ERROR"), "where": fields.pop("where", None)}
    return {
        "resource_type": "test",
        "schema": "tests",
        "attached_node": model,
        "column_name": column,
        "config": config,
        "test_metadata": {"name": name, "kwargs": fields},
    }


def test_keys_are_those_that_every_run_checks(tmp_path: Path) -> None:
    models = {
        f"m.{name}": {"resource_type": "model", "schema": "core", "alias": name, "columns": dict.fromkeys("abc")}
        for name in ("one", "two", "three", "four")
    }
    tests = [
        _test("unique", "m.one", "b"),
        _test("unique", "m.one", "a"),
        _test("not_null", "m.one", "a"),
        _test("unique", "m.two", "c"),
        _test("unique_combination", "m.two", columns=["b", "a"]),
        _test("unique", "m.three", "a", where="b is null"),
        _test("unique", "m.three", "b", severity="WARN"),
    ]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"nodes": models | {f"t.{number}": test for number, test in enumerate(tests)}}))
    found = declared_keys(path)
    assert {name: key for name, key in found.items() if name.startswith("core.")} == {
        "core.one": ("a",),
        "core.two": ("b", "a"),
    }
    assert found["marts.mart_customer__field_source"] == ("customer_id", "field")


@pytest.mark.parametrize(
    "wrong",
    [
        {"parquet": "yes"},
        {"postgres": {"url_env": "postgresql://cx:secret@host/db"}},
        {"postgres": {**POSTGRES, "prefix": "Shop-"}},
        {"postgres": {**POSTGRES, "read_role": "reader; drop"}},
        {"postgres": {**POSTGRES, "switch_wait_seconds": -1}},
        {"csv": True},
    ],
)
def test_settings_that_are_wrong_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PublicationSettings.model_validate(wrong)
