"""Faults of the files that cost truth, or come late, or change half-way: as the truth says."""

import csv
from datetime import date

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest


def _late_lines(company):
    """Rows of the daily files: day of the file, line number, day of the booking and amount as typed."""
    rows = []
    for path in sorted((company.files / "shop" / "late_lines").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for fields in csv.DictReader(file, delimiter=";"):
                day = path.stem.removeprefix("late_lines_")
                rows.append((day, fields["line_no"], fields["booked_at"], fields["net_amount"]))
    return pd.DataFrame(rows, columns=["arrived_on", "line_no", "booked_at", "net_amount"])


def test_held_rows_stand_nowhere_but_spoilt_in_their_file(company):
    held = company.truth("held_row")
    assert set(held["table"]) == {"shop__late_lines"}
    assert set(held["kind"]) == {"words_in_amount", "impossible_date"}
    late = _late_lines(company)
    mine = late[late["line_no"].isin(held["key"])].merge(held, left_on="line_no", right_on="key")
    spoilt = ((mine["kind"] == "words_in_amount") & (mine["net_amount"] == "siehe Beleg")) | (
        (mine["kind"] == "impossible_date") & (mine["booked_at"] == "00.00.0000")
    )
    # Whole rows with the number exist only spoilt; what was cut off or doubled on purpose names no whole number.
    assert held["key"].isin(mine.loc[spoilt, "line_no"]).all()
    in_parquet = duckdb.sql(f"select line_no from '{company.files}/shop/lines/*.parquet'").df()["line_no"]
    assert not held["key"].isin(in_parquet).any()
    # A fiftieth of the good lines, which are nearly all; the count falls short by less than one.
    assert len(held) / len(late) == pytest.approx(0.02, abs=0.003)


def test_some_late_lines_come_after_weeks(company):
    late = _late_lines(company)
    booked = pd.to_datetime(late["booked_at"], format="%d.%m.%Y %H:%M:%S", errors="coerce").dt.normalize()
    days = (pd.to_datetime(late["arrived_on"]) - booked).dt.days.dropna()
    assert days.min() >= 0
    assert 14 <= days.max() <= 21
    # A tenth waits 8 to 21 days, fewer where the data end before.
    assert 0.03 < (days >= 8).mean() < 0.12


def test_the_stores_ratings_end_five_days_before_the_orders(company):
    ratings = duckdb.sql(
        f"""select max(day) from read_json('{company.files}/digital/app_ratings.jsonl', ignore_errors = true,
            columns = {{'day': 'varchar'}}) where day < '2027'"""
    ).fetchone()
    orders = duckdb.sql(f"select max(ordered_at)::date from '{company.files}/shop/orders/*.parquet'").fetchone()
    assert (ratings[0], orders[0]) == ("2026-06-25", date(2026, 6, 30))


def test_the_web_shop_renamed_a_column_in_july_2025(company):
    names = {
        path.stem.removeprefix("visits_"): set(pq.read_schema(path).names)
        for path in (company.files / "web" / "visits").glob("*.parquet")
    }
    for month, columns in names.items():
        has = {"seconds", "duration_seconds"} & columns
        assert has == ({"duration_seconds"} if month >= "2025-07" else {"seconds"}), month
    assert min(names) < "2025-07" <= max(names)
