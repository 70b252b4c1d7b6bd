"""The churn model is kept for a week while days are only added, and trained anew when its data became others."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
import yaml

from orchestration.declaration.company import load_company
from orchestration.defs.churn.assets import churn_model
from orchestration.defs.retraining import RETRAINING_TAGS
from orchestration.ground.workspace import Workspace
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pin_snapshot
from orchestration.warehouse import build_basis
from orchestration.warehouse.build_basis import BuildBasis
from tests.cx_assets.churn.churn_worlds import OBSERVATION_DATE, without_truth, world

NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)
BASIS = BuildBasis("code", str(OBSERVATION_DATE), 1, "s1", ["day-1.parquet"])
COMPANY = {
    "name": "shop",
    "title": "Shop",
    "description": "A shop.",
    "currency_code": "EUR",
    "time_zone": "Europe/Berlin",
    "country_code": "DE",
    "owner": "team:data",
    "sources": {
        "till": {
            "description": "The till.",
            "tables": {
                "lines": {
                    "description": "Lines.",
                    "path": "*.csv",
                    "format": "csv",
                    "columns": {"line_id": "text"},
                }
            },
        }
    },
}


@dataclass
class Shop:
    """A company whose core is said to be built, with features as dbt would have made them."""

    site: Site
    basis: BuildBasis = BASIS

    def build_core(self, features: pd.DataFrame, **basis: object) -> None:
        self.basis = replace(self.basis, **basis)
        with self.site.warehouse.connect() as connection:
            connection.register("made", features)
            connection.execute("create schema if not exists intermediate")
            connection.execute("create or replace table intermediate.int_churn__customer_feature as from made")
        build_basis.remember(self.site.workspace, "stage_2", self.basis, ["intermediate.int_churn__customer_feature"])

    def churn_model(self, *, days_later: int = 0, retrain: bool = False) -> tuple[str, str]:
        """Status and id of the model that a run ends with."""
        pin_snapshot(
            self.site.company,
            self.site.workspace,
            [],
            run_date=OBSERVATION_DATE + timedelta(days=days_later),
            now=NOW,
            code_fingerprint=self.basis.project,
        )
        result = dg.materialize(
            [churn_model],
            resources={"site": self.site, "warehouse": self.site.warehouse},
            tags=RETRAINING_TAGS if retrain else {},
        )
        metadata = result.asset_materializations_for_node("churn_model")[0].metadata
        (current,) = self.site.warehouse.frame("select model_id from scores.churn_model where is_current").model_id
        assert metadata["model_id"].value == current
        return str(metadata["status"].value), str(current)


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return without_truth(world(customers=400))


@pytest.fixture
def shop(tmp_path: Path, features: pd.DataFrame) -> Shop:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "company.yml").write_text(yaml.safe_dump(COMPANY), encoding="utf-8")
    workspace = Workspace("shop", folder, tmp_path / "source", tmp_path / "state", NOW)
    made = Shop(Site(workspace, load_company(workspace)))
    made.site.warehouse.prepare(made.site.company.time_zone)
    made.build_core(features)
    return made


def test_the_model_is_kept_while_days_are_only_added(shop: Shop, features: pd.DataFrame) -> None:
    status, first = shop.churn_model()
    assert status == "trained"
    assert shop.churn_model() == ("kept", first)
    assert shop.churn_model(retrain=True) == ("trained", first)
    shop.build_core(features, snapshot_sequence=2, snapshot_id="s2", files=["day-1.parquet", "day-2.parquet"])
    assert shop.churn_model(days_later=6) == ("kept", first)


@pytest.mark.parametrize(
    "changed",
    [
        {"project": "other feature SQL or mapping"},
        {"files": ["day-1-mended.parquet"]},
        {"snapshot_id": "the same number after a snapshot was lost"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_model_is_trained_anew_from_other_data(
    shop: Shop, features: pd.DataFrame, changed: dict[str, object]
) -> None:
    _, first = shop.churn_model()
    shop.build_core(features.assign(order_count=features["order_count"] + 1), **changed)
    status, second = shop.churn_model()
    assert (status, second != first) == ("trained", True)
    assert shop.churn_model() == ("kept", second)


def test_the_model_is_trained_anew_where_nobody_knows_its_data(shop: Shop) -> None:
    shop.churn_model()
    build_basis.forget(shop.site.workspace, "stage_2")
    assert shop.churn_model()[0] == "trained"
