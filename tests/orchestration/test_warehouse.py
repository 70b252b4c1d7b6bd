"""The private warehouse: tables that Python writes."""

from datetime import date
from pathlib import Path

import pandas as pd

from cx_assets.segments.rfm import rfm_scores
from cx_assets.segments.tables import CUSTOMER_RFM
from orchestration.warehouse.database import Replacement, Warehouse


def test_a_table_of_an_earlier_release_takes_the_columns_of_today(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    warehouse = Warehouse(tmp_path / "warehouse" / "cx.duckdb", tmp_path / "warehouse" / "lock")
    with warehouse.connect() as connection:
        connection.execute(
            "create schema scores; create table scores.customer_rfm as select 'a' as customer_id, 1 as old"
        )
    warehouse.prepare("Europe/Berlin")
    purchases = pd.DataFrame(
        [("b", pd.Timestamp("2026-03-01"), 2, 10.0)],
        columns=["customer_id", "last_purchase_date", "purchase_count", "purchase_amount"],
    )
    assert warehouse.replace(Replacement(CUSTOMER_RFM, rfm_scores(purchases, as_of=date(2026, 3, 31)))) == {
        "customer_rfm": 1
    }
    held = warehouse.frame("select * from scores.customer_rfm")
    assert held.columns.tolist() == list(CUSTOMER_RFM.columns)
    assert held[["customer_id", "recency_days", "purchase_count"]].to_numpy().tolist() == [["b", 30, 2]]
