"""Churn: the model, trained or kept, and the score of every eligible customer."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd
from dagster import AssetExecutionContext, MaterializeResult

from cx_assets.churn import model_files, scoring, training
from cx_assets.churn import tables as churn_tables
from cx_assets.churn.card import card_markdown
from cx_assets.churn.settings import ChurnSettings
from cx_assets.churn.tables import CHURN_MODEL, CHURN_RELIABILITY, CUSTOMER_CHURN
from cx_assets.prediction import register, replacement
from orchestration.defs.area import Frame
from orchestration.defs.retraining import is_retraining
from orchestration.defs.table_spec import table_spec
from orchestration.ground.code import code_hash
from orchestration.ground.faults import boundary
from orchestration.runs.site import Site
from orchestration.snapshots.snapshot import pinned_snapshot
from orchestration.warehouse import build_basis
from orchestration.warehouse.database import Replacement, Warehouse

FEATURES = dg.AssetKey(["intermediate", "int_churn__customer_feature"])
OWNER = "team:customer-insight"
MODEL_STAGE = "churn_model"
"""Name under which build_basis remembers what the features were built from when the model was trained."""


def build_defs(frame: Frame) -> dg.Definitions:
    """The model's register with its reliability, and the scores."""
    return dg.Definitions(assets=[churn_model, customer_churn])


def _features(warehouse: Warehouse, where: str = "true") -> pd.DataFrame:
    return warehouse.frame(
        f"select * from intermediate.int_churn__customer_feature where {where} order by observation_date, customer_id"
    )


def _learned_from(site: Site) -> build_basis.BuildBasis | None:
    """What the features are built from, and the code that learns from them."""
    features = build_basis.recorded_of(site.workspace, ".".join(FEATURES.path))
    return features and dataclasses.replace(features, project=f"{features.project}-{code_hash(__name__)}", tables=[])


def _current_model(warehouse: Warehouse, site: Site) -> replacement.CurrentModel | None:
    """What is known of the model that scores now: the register's row, its files, what the features are built from."""
    row = register.current_model(warehouse.frame(f"select * from {CHURN_MODEL.relation}"))
    if row is None:
        return None
    features, damage = None, None
    try:
        features = frozenset(model_files.load(site.workspace.models_dir / "churn" / str(row["model_id"])).features)
    except model_files.ModelFileError as error:
        damage = str(error)
    learned = _learned_from(site)
    return replacement.CurrentModel(
        model_id=str(row["model_id"]),
        trained_on=dt.date.fromisoformat(str(row["observation_date"])[:10]),
        question={name: int(row[name]) for name in ("horizon_days", "eligible_days")},
        features=features,
        damage=damage,
        is_same_basis=learned is not None and not build_basis.needs_full_refresh(site.workspace, MODEL_STAGE, learned),
    )


@dg.multi_asset(
    name="churn_model",
    specs=[table_spec(table, [FEATURES], "scores_churn", OWNER) for table in (CHURN_MODEL, CHURN_RELIABILITY)],
    pool="warehouse",
)
def churn_model(
    context: AssetExecutionContext,
    site: dg.ResourceParam[Site],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[MaterializeResult]:
    """Train, calibrate and test the churn model, or say why not; kept for a week unless retraining is requested."""
    as_of = pinned_snapshot(site.workspace).as_of_date
    settings = site.company.settings(ChurnSettings)
    question = {"horizon_days": settings.horizon_days, "eligible_days": settings.eligible_days}
    candidate = replacement.Candidate(
        as_of, question, frozenset(_features(warehouse, "false").columns), is_requested=is_retraining(context)
    )
    current = _current_model(warehouse, site)
    decision = replacement.decide(current, candidate)
    metadata: dict[str, Any] = {"status": "kept", "model_id": current.model_id if current else None}
    if decision.action is not replacement.Action.KEEP:
        outcome = training.train(_features(warehouse), observation_date=as_of, **question)
        if isinstance(outcome, training.NotTrained):
            decision = replacement.decide(current, dataclasses.replace(candidate, refusal=outcome.reason))
        if isinstance(outcome, training.TrainedChurn):
            model_files.save(outcome, site.workspace.models_dir / "churn" / outcome.model_id)
        boundary("before_scores_write:churn_model")
        build_basis.forget(site.workspace, MODEL_STAGE)
        _write_model(warehouse, outcome, as_of)
        if (learned := _learned_from(site)) is not None:
            build_basis.remember(site.workspace, MODEL_STAGE, learned)
        metadata = {
            "status": outcome.status,
            "model_id": outcome.model_id,
            "card": dg.MetadataValue.md(card_markdown(outcome.card)),
        }
    tell = context.log.warning if current is not None and current.damage else context.log.info
    tell(f"Churn model: {decision.action}. {decision.reason}")
    metadata["reason"] = decision.reason
    counts = warehouse.counts({table.name: table.relation for table in (CHURN_MODEL, CHURN_RELIABILITY)})
    for table in (CHURN_MODEL, CHURN_RELIABILITY):
        yield MaterializeResult(
            asset_key=dg.AssetKey([table.schema_name, table.name]),
            metadata={**metadata, "dagster/row_count": counts[table.name]},
        )


def _write_model(warehouse: Warehouse, outcome: training.TrainedChurn | training.NotTrained, as_of: dt.date) -> None:
    """Add the outcome to the register as the current one, with its reliability table."""
    earlier = warehouse.frame(f"select * from {CHURN_MODEL.relation}")
    added = churn_tables.churn_model_row(outcome, observation_date=as_of)
    warehouse.replace(
        Replacement(CHURN_MODEL, register.entered(earlier, added)),
        Replacement(
            CHURN_RELIABILITY,
            churn_tables.reliability_rows(outcome),
            where=f"model_id = '{outcome.model_id}'",
        ),
    )


@dg.multi_asset(
    name="customer_churn",
    specs=[table_spec(CUSTOMER_CHURN, [FEATURES, dg.AssetKey(["scores", "churn_model"])], "scores_churn", OWNER)],
    pool="warehouse",
)
def customer_churn(site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]) -> MaterializeResult:
    """Score every eligible customer with the current model; what earlier snapshots gave stays, to be judged."""
    snapshot = pinned_snapshot(site.workspace)
    current = warehouse.frame(f"select model_id from {CHURN_MODEL.relation} where is_current and status = 'trained'")
    on_date = f"observation_date = date '{snapshot.as_of_date}'"
    if current.empty:
        scores = pd.DataFrame({name: [] for name in CUSTOMER_CHURN.columns})
    else:
        model = model_files.load(site.workspace.models_dir / "churn" / str(current["model_id"].iloc[0]))
        scores = scoring.score(
            model,
            _features(warehouse, on_date),
            snapshot_id=snapshot.snapshot_id,
            snapshot_sequence=snapshot.snapshot_sequence,
        )
    boundary("before_scores_write:customer_churn")
    repeated = f"{on_date} and snapshot_sequence = {snapshot.snapshot_sequence}"
    warehouse.replace(Replacement(CUSTOMER_CHURN, scores, where=repeated))
    return MaterializeResult(metadata={"dagster/row_count": len(scores), "observation_date": str(snapshot.as_of_date)})
