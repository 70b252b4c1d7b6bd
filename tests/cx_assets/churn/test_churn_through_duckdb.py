"""Frames as the warehouse's engine gives them: nullable booleans, dates, decimals, integers with nulls."""

from datetime import date

import duckdb

from cx_assets.churn.scoring import score
from cx_assets.churn.tables import (
    CHURN_MODEL,
    CHURN_RELIABILITY,
    CUSTOMER_CHURN,
    churn_model_row,
    reliability_rows,
)
from cx_assets.churn.training import train
from cx_assets.segments.rfm import rfm_scores
from cx_assets.segments.tables import CUSTOMER_RFM
from tests.cx_assets.churn.churn_worlds import SETTINGS, at_scoring_date, without_truth, world
from tests.cx_assets.through_duckdb import through


def test_features_from_the_engine_give_the_same_model_and_rows_go_back():
    frame = without_truth(world(customers=600))
    columns = {
        "customer_id": "varchar",
        "observation_date": "date",
        "is_churned": "boolean",
        "recency_days": "bigint",
        "complaint_score": "double",
        "order_count": "decimal(18,2)",
    }
    landed = through(frame, columns)
    model = train(landed, **SETTINGS)
    assert model == train(frame, **SETTINGS)
    scores = score(model, at_scoring_date(landed), snapshot_id="s", snapshot_sequence=1)
    for rows, schema in [
        (scores, CUSTOMER_CHURN),
        (churn_model_row(model, observation_date=SETTINGS["observation_date"]), CHURN_MODEL),
        (reliability_rows(model), CHURN_RELIABILITY),
    ]:
        assert len(through(rows, schema.types)) == len(rows)


def test_a_table_without_rows_from_the_engine_is_refused_in_words():
    columns = {
        "customer_id": "varchar",
        "observation_date": "date",
        "is_churned": "boolean",
        "recency_days": "bigint",
    }
    empty = duckdb.sql(f"select {', '.join(f'null::{kind} as {name}' for name, kind in columns.items())} limit 0").df()
    outcome = train(empty, **SETTINGS)
    assert outcome.status == "not_trained"
    row = through(churn_model_row(outcome, observation_date=SETTINGS["observation_date"]), CHURN_MODEL.types)
    assert row.loc[0, "reason"] == outcome.reason


def test_rfm_takes_decimals_and_dates():
    purchases = duckdb.sql(
        "select 'c1' as customer_id, date '2026-03-01' as last_purchase_date, 2 as purchase_count, "
        "cast(10.50 as decimal(18,2)) as purchase_amount, date '2026-03-31' as observation_date"
    ).df()
    scores = through(rfm_scores(purchases, as_of=date(2026, 3, 31)), CUSTOMER_RFM.types)
    assert scores.loc[0, ["recency_days", "purchase_amount", "recency_score"]].tolist() == [30, 10.5, 3]
    nothing = rfm_scores(purchases.head(0), as_of=date(2026, 3, 31))
    assert through(nothing, CUSTOMER_RFM.types).empty
