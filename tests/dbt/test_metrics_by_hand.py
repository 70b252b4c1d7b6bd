"""Metrics of the small company, asked of a publication and worked out by hand from its raw rows (small_company.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.defs.publication.assets import published_tables
from orchestration.publication.generations import publish
from orchestration.semantic.definitions import MANIFEST, MetricError, definition_files
from orchestration.semantic.layer import MetricLayer
from tests.dbt.company import Company


@pytest.fixture(scope="module")
def state(built: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State root with the small company's publication; rates are suppressed below three answers."""
    root = tmp_path_factory.mktemp("metrics")
    target = built.folder / "target"
    publish(
        built.warehouse,
        root / "small" / "published",
        published_tables(target / "manifest.json"),
        company="small",
        snapshot_id="snapshot",
        snapshot_sequence=1,
        as_of_date="2026-03-31",
        published_at="2026-04-01T06:00:00+00:00",
        run_id="run",
        checks_declared=0,
        checks_passed=0,
        warnings=[],
        documents=definition_files(built.warehouse, target / MANIFEST, minimum_answers=3, currency_code="EUR"),
    )
    return root


@pytest.fixture(scope="module")
def metrics(state: Path) -> Iterator[MetricLayer]:
    with MetricLayer.open(state / "small" / "published" / "current.duckdb") as layer:
        yield layer


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows as plain values: days as text, null as None."""
    chosen = table[list(columns)].astype(object)
    found = []
    for row in chosen.itertuples(index=False, name=None):
        plain = [
            str(value.date()) if isinstance(value, pd.Timestamp) and not pd.isna(value) else value for value in row
        ]
        found.append(tuple(None if pd.isna(value) else value for value in plain))
    return found


def test_scores_by_touchpoint_and_month(metrics: MetricLayer) -> None:
    # 10 and 9 promote, 8 is passive, 3 detracts: (2 - 1) / 4.
    nps = metrics.query(["NPS"], by=["touchpoint"], grain="month")
    assert list(nps.columns) == ["month", "touchpoint", "nps", "nps_low", "nps_high", "nps_answers", "is_suppressed"]
    assert rows(nps, "month", "touchpoint", "nps", "nps_answers", "is_suppressed") == [
        ("2026-03-01", "overall", 25.0, 4, False)
    ]
    # n = 7, p = 2.75 / 7, d = 1.75 / 7: 1/7 +- 1.959964 * sqrt((4.5/7 - 1/49) / 7).
    assert nps["nps_low"][0] == pytest.approx(100 * (1 / 7 - 1.959964 * ((4.5 / 7 - 1 / 49) / 7) ** 0.5), abs=1e-4)
    # 5 and 4 of 5 satisfy, 2 does not; the answer without a score is none.
    csat = metrics.query(["csat"], by=["touchpoint"], grain="month")
    assert rows(csat, "month", "touchpoint", "csat", "csat_answers") == [("2026-02-01", "delivery", 2 / 3, 3)]


def test_shares_and_means(metrics: MetricLayer) -> None:
    found = metrics.query(["promoter share", "passive_share", "detractor_share", "nps_mean_score", "nps_passives"])
    [row] = rows(found, "promoter_share", "passive_share", "detractor_share", "nps_mean_score", "nps_passives")
    assert row == (0.5, 0.25, 0.25, 7.5, 1)


def test_below_the_minimum_a_rate_is_null_and_says_so(metrics: MetricLayer) -> None:
    ces = metrics.query(["ces"], grain="month")
    assert rows(ces, "ces", "ces_low", "ces_high", "ces_answers", "is_suppressed") == [(None, None, None, 2, True)]
    # Half of the two CES answers lie above the middle: a count is told, however small.
    assert rows(metrics.query(["ces_easy"]), "ces_easy") == [(1,)]
    both = metrics.query(["response_rate", "csat"], grain="month")
    assert rows(both, "month", "response_rate", "invitations", "is_response_rate_suppressed", "csat_answers") == [
        # One invitation in February; three of March's four were answered.
        ("2026-02-01", None, 1, True, 3),
        ("2026-03-01", 0.75, 4, False, 0),
    ]
    assert both["is_csat_suppressed"].tolist() == [False, True]


def test_money_is_never_added_over_currencies(metrics: MetricLayer) -> None:
    found = metrics.query(
        ["orders", "canceled orders", "active_customers", "new_customers", "net_revenue", "returns"], grain="month"
    )
    columns = ("month", "currency", *found.columns[2:])
    assert rows(found, *columns) == [
        ("2026-01-01", "EUR", 1, 0, 1, 1, 30.0, 0.0),
        # o2 for 30; of o1 came back 20.
        ("2026-02-01", "EUR", 1, 0, 1, 1, 10.0, 20.0),
        ("2026-02-01", "USD", 1, 0, 1, 1, 70.0, 0.0),
        # o3 (anonymous, March in Berlin) 40, o4 50, the canceled o6 without lines; 25 came back under no order.
        ("2026-03-01", "EUR", 3, 1, 2, 0, 65.0, 25.0),
    ]


def test_average_order_value_and_payments(metrics: MetricLayer) -> None:
    found = metrics.query(["average_order_value"], grain="month")
    # Of o1 is left 10 + 20 - 20. In March 40 and 50 were bought under two orders, and 25 given back.
    assert rows(found, "currency", "average_order_value") == [
        ("EUR", 10.0),
        ("EUR", 30.0),
        ("USD", 70.0),
        ("EUR", 32.5),
    ]
    paid = metrics.query(["payments"], grain="month")
    # The undated payment of o2 counts on the order's day.
    assert rows(paid, "month", "payments") == [("2026-01-01", 32.0), ("2026-02-01", 29.0), ("2026-03-01", 40.0)]


def test_service(metrics: MetricLayer) -> None:
    found = metrics.query(["tickets", "complaints", "open_tickets", "resolved_tickets"], by=["customer"])
    # t2 was resolved after the observation date.
    assert rows(found, *found.columns) == [("A", 2, 1, 2, 0), ("B", 1, 0, 0, 1)]
    assert rows(metrics.query(["contacts"], by=["channel"]), "channel", "contacts") == [("store", 1), ("web", 2)]


def test_conditions_and_days(metrics: MetricLayer) -> None:
    # Lines of the 10th of January are left out by the day, books are p1's category.
    found = metrics.query(["net_revenue"], by=["category_name"], where="currency = 'EUR'", start=date(2026, 1, 11))
    assert rows(found, "category_name", "net_revenue") == [("books", 95.0), ("toys", -20.0)]
    assert rows(metrics.query(["answers"], where="score_type = 'nps' and day < '2026-03-20'"), "answers") == [(3,)]
    assert rows(metrics.query(["answers"], end=date(2026, 3, 3)), "answers") == [(8,)]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"metrics": ["npps"]}, "No metric 'npps'. Did you mean nps"),
        ({"metrics": ["nps"], "by": ["touchpiont"]}, "Did you mean touchpoint"),
        ({"metrics": ["nps"], "by": ["category_name"]}, "cannot be told by 'category_name'"),
        ({"metrics": ["nps", "net_revenue"]}, "ask them apart"),
        ({"metrics": ["nps"], "grain": "hour"}, "day, week, month, quarter, year"),
        ({"metrics": []}, "at least one metric"),
        ({"metrics": ["nps"], "where": "shop = 1"}, "cannot be told by 'shop'"),
        ({"metrics": ["nps"], "where": "survey_type ="}, "cannot be read"),
        ({"metrics": ["nps"], "where": "1 = 1) or (1 = 1"}, "cannot be read"),
        ({"metrics": ["nps"], "where": "1 = 1; drop table x"}, "one condition"),
        ({"metrics": ["nps"], "where": "1 = 1 limit 0"}, "one condition"),
        ({"metrics": ["nps"], "where": "1 = 1 union select 1"}, "one condition"),
        ({"metrics": ["nps"], "where": "1 in (select 1)"}, "no subquery"),
        ({"metrics": ["nps"], "where": "{{ Metric('nps') }} > 1"}, "no braces"),
        ({"metrics": ["nps"], "where": "survey_type > nothing_known(1)"}, "cannot be answered"),
    ],
)
def test_a_question_without_an_answer_says_why(metrics: MetricLayer, question: dict[str, Any], message: str) -> None:
    with pytest.raises(MetricError) as refused:
        metrics.query(**question)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_connection_reaches_no_other_file(metrics: MetricLayer, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("secret\n1\n")
    connection = metrics._connection
    for statement in (
        f"select * from read_csv('{other}')",
        f"attach '{tmp_path / 'new.duckdb'}'",
        f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        "set enable_external_access = true",
        "delete from cx.core.dim_customer",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)


def test_every_metric_says_what_it_is_and_has_an_answer(metrics: MetricLayer) -> None:
    told = metrics.metrics()
    assert len(told) > 60
    assert len({metric.label for metric in told}) == len(told)
    for metric in told:
        assert metric.unit, metric.name
        assert metric.owner, metric.name
        assert metric.description.endswith("."), metric.name
        # A share or a mean of answers is suppressed below the minimum.
        if metric.unit.startswith(("share (0", "points (", "points of", "hours", "minutes")):
            assert metric.minimum_of, metric.name
        found = metrics.query([metric.name])
        assert len(found) >= 1, metric.name
        assert metric.name in found, metric.name
    assert {saved.name for saved in metrics.saved()} >= {"score_by_touchpoint_month", "revenue_by_month"}
    for saved in metrics.saved():
        assert len(metrics.query_saved(saved.name)) > 0, saved.name


def cx(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["metric", *arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def small(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_STATE_ROOT", str(state))
    monkeypatch.setenv("CX_COMPANY", "small")


@pytest.mark.usefixtures("small")
def test_the_command_line_answers(tmp_path: Path) -> None:
    short = cx("NPS", "--by", "touchpoint", "--grain", "month")
    assert short.splitlines()[0].split()[:3] == ["month", "touchpoint", "nps"]
    assert short.splitlines()[1].split()[:3] == ["2026-03-01", "overall", "25.0"]
    assert cx("query", "NPS", "--by", "touchpoint", "--grain", "month") == short
    told = json.loads(cx("list", "--json"))["metrics"]
    assert all(metric["unit"] and metric["owner"] for metric in told)
    assert "Owner: finance" in cx("list")
    shown = cx("show", "nps")
    assert "Suppressed below 3 nps_answers" in shown
    assert "touchpoint__stage" in shown
    # A suppressed rate is a dash, never 0.
    assert cx("ces").splitlines()[1].split() == ["-", "-", "-", "2", "True"]
    assert "1 row written" in cx("nps", "--out", str(tmp_path / "nps.parquet"))
    assert pq.read_table(tmp_path / "nps.parquet").column("nps").to_pylist() == [25.0]
    cx("saved", "revenue_by_month", "--to", "2026-01-31", "--out", str(tmp_path / "revenue.csv"))
    assert (tmp_path / "revenue.csv").read_text().splitlines()[1].startswith("2026-01-01,EUR,1,1,1,30")


@pytest.mark.usefixtures("small")
def test_the_command_line_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Did you mean nps" in cx("npps", code=2)
    assert ".csv or .parquet" in cx("nps", "--out", str(tmp_path / "nps.xls"), code=2)
    assert "2026-01-31" in cx("nps", "--from", "January", code=2)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("CX_COMPANY", "nobody")
    assert "run `cx run` first" in cx("nps", code=2)


def test_what_counts_as_an_order(built: Company) -> None:
    found = built.rows(
        "select order_id, customer_id, ordered_date::text, currency_code, is_order, is_purchase, is_kept, "
        "is_first_order, has_lines, is_delivered, is_late, net_amount::text, return_amount::text "
        "from marts.mart_finance__order order by order_id"
    )
    yes, no = True, False
    assert found == [
        # Only came back: no order, but its customer's money.
        ("b1", "D", "2026-03-05", "EUR", no, no, yes, no, yes, None, no, "-25.00", "25.00"),
        ("o1", "A", "2026-01-10", "EUR", yes, yes, yes, yes, yes, yes, yes, "10.00", "20.00"),
        ("o2", "B", "2026-02-05", "EUR", yes, yes, yes, yes, yes, None, no, "30.00", "0.00"),
        # Anonymous, and March in Berlin: nobody's first order.
        ("o3", None, "2026-03-01", "EUR", yes, yes, yes, no, yes, None, no, "40.00", "0.00"),
        ("o4", "A", "2026-03-29", "EUR", yes, yes, yes, no, yes, None, no, "50.00", "0.00"),
        # Canceled two days later, without lines. o5 lies after the observation date.
        ("o6", "B", "2026-03-10", "EUR", yes, no, no, no, no, None, no, "0.00", "0.00"),
        ("o7", "C", "2026-02-20", "USD", yes, yes, yes, yes, yes, None, no, "70.00", "0.00"),
    ]
