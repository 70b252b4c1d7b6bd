"""A small publication with values written by hand, made as the daily job makes one: by `publish`.

The tables have the columns that the marts declare, so that a renamed column breaks these tests and no reader.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.publication.generations import Generation, PublishedTable, publish
from tests.conftest import ROOT

PERSON = "Annegret Musterfrau"
"""Stands in the restricted publication; no page may show it."""
JUNE, MAY, JUNE_BEFORE = dt.date(2026, 6, 1), dt.date(2026, 5, 1), dt.date(2025, 6, 1)
AS_OF = dt.date(2026, 6, 30)
PUBLISHED_AT = "2026-07-02T06:00:00+00:00"


def declared_marts() -> dict[str, dict[str, Any]]:
    """The marts as their YAML declares them, by name."""
    found = {}
    for path in sorted((ROOT / "dbt_project" / "models" / "marts").rglob("_*__marts.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            found[model["name"]] = model
    return found


def _score(month: dt.date, metric: str, touchpoint: str, total: int, favourable: int, **more: Any) -> dict[str, Any]:
    return {
        "score_month": month,
        "survey_type": "transactional",
        "touchpoint": touchpoint,
        "metric": metric,
        "scale_min": {"nps": 0.0}.get(metric, 1.0),
        "scale_max": {"nps": 10.0, "ces": 7.0}.get(metric, 5.0),
        "response_count": total,
        "favourable_count": favourable,
        "detractor_count": 0,
        "score_value": favourable / total,
        "mean_score": 4.0,
        "interval_low": 0.5,
        "interval_high": 0.9,
        "is_suppressed": False,
        **more,
    }


def _nps(month: dt.date, promoters: int, detractors: int) -> dict[str, Any]:
    value = float(promoters - detractors)
    return _score(month, "nps", "delivery", 100, promoters, detractor_count=detractors, score_value=value)


def _activity(month: dt.date, amount: float, **more: Any) -> dict[str, Any]:
    counts = {"active_customer_count": 40, "new_customer_count": 4, "order_count": 50, "return_amount": 0}
    return {
        "activity_month": month,
        "currency_code": "EUR",
        "is_warm_up": False,
        "net_amount": amount,
        **counts,
        **more,
    }


def _driver(touchpoint: str, share: float, performance: float, quadrant: str) -> dict[str, Any]:
    return {
        "segment": "all",
        "touchpoint": touchpoint,
        "answer_count": 200,
        "respondent_count": 240,
        "method": "lmg",
        "r_squared": 0.4,
        "r2_share": share,
        "share_low": share - 0.05,
        "share_high": share + 0.05,
        "importance": share / 0.4,
        "is_beyond_chance": True,
        "performance_score": performance,
        "quadrant": quadrant,
        "is_suppressed": False,
    }


def _index(month: dt.date, value: float, **more: Any) -> dict[str, Any]:
    return {
        "period": "month",
        "period_start": month,
        "cut": "all",
        "segment": "all",
        "answer_count": 120,
        "covered_weight": 1.0,
        "is_complete": True,
        "happiness_index": value,
        "index_low": value - 2,
        "index_high": value + 2,
        "is_suppressed": False,
        **more,
    }


def _customer(customer_id: str, segment: str | None, amount: float, **more: Any) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "customer_type": "person",
        "country_code": "AT",
        "record_count": 1,
        "currency_code": "EUR",
        "purchase_count": 2 if segment else 0,
        "net_amount": amount,
        "recency_days": 10 if segment else None,
        "rfm_segment": segment,
        "open_ticket_count": 0,
        "complaint_count": 0,
        "observation_date": AS_OF,
        **more,
    }


CHAMPION, LOST, NEVER, GIVEN_UP = "c_00000001", "c_00000002", "c_00000003", "c_0000000f"
TRAINED = {
    "model_id": "churn_1",
    "observation_date": AS_OF,
    "status": "trained",
    "horizon_days": 30,
    "eligible_days": 90,
    "test_cut_date": dt.date(2026, 5, 31),
    "test_count": 1654,
    "churn_share": 0.56,
    "auc": 0.73,
    "auc_low": 0.71,
    "auc_high": 0.76,
    "baseline_auc": 0.64,
    "auc_difference_low": 0.07,
    "auc_difference_high": 0.12,
    "expected_calibration_error": 0.021,
    "lift_top_decile": 1.5,
    "is_current": True,
}
REFUSED = {
    "model_id": "none_1",
    "observation_date": AS_OF,
    "status": "not_trained",
    "reason": "Only 81 customers left.",
    "is_current": True,
}

ROWS: dict[str, list[dict[str, Any]]] = {
    "mart_experience__score_by_touchpoint_month": [
        # 56 of 70 against 48 of 80: the example of Newcombe (1998), tables I and II, row (a).
        _score(JUNE, "csat", "checkout", 40, 30),
        _score(JUNE, "csat", "store", 30, 26),
        _score(MAY, "csat", "checkout", 40, 28),
        _score(MAY, "csat", "store", 40, 20),
        _nps(JUNE, 50, 20),
        _nps(MAY, 40, 30),
        _score(JUNE, "ces", "app", 5, 4, score_value=0.8, interval_low=0.376, interval_high=0.964, is_suppressed=True),
        _score(JUNE, "wait", "store", 30, 0, score_value=None, interval_low=None, interval_high=None, mean_score=3.25),
    ],
    "mart_experience__response_by_touchpoint_month": [
        {
            "invited_month": JUNE,
            "survey_type": "transactional",
            "touchpoint": "store",
            "invited_count": 60,
            "answered_count": 30,
            "response_share": 0.5,
            "interval_low": 0.377,
            "interval_high": 0.623,
            "is_suppressed": False,
        }
    ],
    "mart_happiness__driver": [
        _driver("delivery", 0.3, 60.0, "improve first"),
        _driver("store", 0.1, 80.0, "nice to have"),
        {
            "segment": "all",
            "touchpoint": "app",
            "answer_count": 7,
            "respondent_count": 240,
            "performance_score": 50.0,
            "left_out_reason": "fewer than 50 answers",
            "is_suppressed": True,
        },
    ],
    "mart_happiness__index": [
        _index(MAY, 70.0),
        _index(JUNE, 72.5),
        _index(dt.date(2026, 4, 1), 99.0, is_suppressed=True),
    ],
    "mart_happiness__expectation_gap": [
        {
            "period": "all_time",
            "touchpoint": "delivery",
            "scale_min": 1.0,
            "scale_max": 5.0,
            "pair_count": 40,
            "mean_reality": 3.5,
            "mean_expectation": 4.25,
            "mean_gap": -0.75,
            "gap_low": -1.0,
            "gap_high": -0.5,
            "is_suppressed": False,
        }
    ],
    "mart_happiness__promise_gap": [
        {
            "survey_type": "transactional",
            "touchpoint": "delivery",
            "metric": "csat",
            "scale_min": 1.0,
            "scale_max": 5.0,
            "promise_order": 4,
            "promise_kept": "1 to 3 days late",
            "answer_count": 50,
            "mean_score": 2.5,
            "favourable_share": 0.2,
            "interval_low": 0.112,
            "interval_high": 0.33,
            "is_suppressed": False,
        }
    ],
    "mart_finance__activity_by_month": [
        _activity(JUNE, 1200),
        _activity(MAY, 1000, order_count=40),
        _activity(JUNE_BEFORE, 800),
        _activity(dt.date(2026, 7, 1), 7),
    ],
    "mart_customer__customer_360": [
        _customer(CHAMPION, "champions", 300, record_count=2, churn_probability=0.25, churn_horizon_days=30)
        | {"alive_probability": 0.9, "expected_amount": 1300.4, "expected_amount_days": 365, "value_tier": "high"},
        _customer(LOST, "lost", 100),
        _customer(NEVER, None, 0),
    ],
    "mart_customer__customer_redirect": [
        {"old_customer_id": GIVEN_UP, "customer_id": CHAMPION, "known_at": dt.date(2026, 6, 2)}
    ],
    "mart_customer__identity_event": [
        {"event_id": "e_1", "event_type": "created", "customer_id": GIVEN_UP, "record_id": "crm:2"},
        {"event_id": "e_2", "event_type": "merged", "customer_id": CHAMPION, "other_customer_id": GIVEN_UP},
        {"event_id": "e_3", "event_type": "created", "customer_id": LOST, "record_id": "crm:3"},
    ],
    "mart_customer__field_source": [{"customer_id": CHAMPION, "field": "given_name", "record_id": "crm:2"}],
    "mart_customer__household": [{"household_id": "h_1", "member_count": 2, "net_amount": 400}],
    "mart_segment__rfm": [
        {"customer_id": CHAMPION, "rfm_segment": "champions"},
        {"customer_id": LOST, "rfm_segment": "lost"},
    ],
    "mart_prediction__churn_model": [TRAINED],
    "mart_prediction__churn_reliability": [
        {
            "model_id": "churn_1",
            "bin": 1,
            "customer_count": 100,
            "mean_probability": 0.25,
            "observed_share": 0.3,
            "observed_low": 0.22,
            "observed_high": 0.4,
        }
    ],
    "mart_prediction__churn_score": [
        {"customer_id": CHAMPION, "churn_probability": 0.25, "model_id": "churn_1", "horizon_days": 30},
        {"customer_id": LOST, "churn_probability": 1.0, "model_id": "churn_1", "horizon_days": 30},
    ],
    "mart_operations__feed_completeness": [
        {
            "source_name": "shop",
            "entity": "sales_order",
            "table_names": "orders",
            "row_count": 9,
            "days_behind": 0,
            "is_late": False,
            "is_transaction": True,
            "complete_until_date": AS_OF,
        },
        {"source_name": "desk", "entity": "ticket", "days_behind": 9, "usual_silence_days": 3, "is_late": True},
    ],
    "mart_operations__quarantine_reason": [
        {"stage": "extraction", "source_name": "shop", "object_name": "orders", "reason": "=1+1 is no date."}
    ],
    "mart_operations__reconciliation": [
        {"source_name": "shop", "table_name": "orders", "day_label": "2026-06-01", "source_count": 9, "mart_count": 8}
        | {f"{name}_count": 0 for name in ("late", "duplicate", "changed", "deleted", "merged", "filtered", "unknown")}
        | {"quarantined_count": -1, "unexplained_count": 0, "unexplained_amount": 0}
    ],
    "mart_operations__row_conservation": [
        {"stage": "extraction", "source_name": "shop", "object_name": "orders", "input_row_count": 9}
        | {"quarantined_row_count": 1, "output_row_count": 8, "difference_row_count": 0}
    ],
    "mart_operations__identity_quality": [
        {"snapshot_sequence": 1, "customer_type": "person", "record_count": 4, "customer_count": 3, "is_drifted": False}
    ],
}  # fmt: skip


def write_publication(
    state_root: Path,
    company: str,
    rows: dict[str, list[dict[str, Any]]],
    *,
    without: tuple[str, ...] = (),
    as_of: dt.date = AS_OF,
    documents: dict[str, str] | None = None,
) -> Generation:
    """Publish the marts of a company with these rows; `without` leaves tables out, `documents` lie beside them."""
    warehouse = state_root / company / "warehouse" / "cx.duckdb"
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    warehouse.unlink(missing_ok=True)
    tables = []
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema core")
        for name, model in declared_marts().items():
            if name in without:
                continue
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
            connection.execute(f"create table marts.{name} ({columns})")
            for row in rows.get(name, []):
                names = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into marts.{name} ({names}) values ({marks})", list(row.values()))
            comments = {column["name"]: column["description"] for column in model["columns"]}
            tables.append(PublishedTable("marts", name, description=model["description"], columns=comments))
        connection.execute(f"create table core.dim_customer_identity as select '{PERSON}' as given_name")
        tables.append(PublishedTable("core", "dim_customer_identity", is_personal=True))
    return publish(
        warehouse,
        state_root / company / "published",
        tables,
        company=company,
        snapshot_id="5eed",
        snapshot_sequence=1,
        as_of_date=as_of.isoformat(),
        published_at=PUBLISHED_AT,
        run_id="run",
        checks_declared=12,
        checks_passed=12,
        warnings=["a warning of the run"],
        documents=documents or {},
    )
