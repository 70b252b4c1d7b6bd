"""Bounds, suppression, conditions and files of metrics, without a publication."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from orchestration.semantic.answers import finished
from orchestration.semantic.catalogue import Interval, MetricDefinition, find_metric
from orchestration.semantic.conditions import condition, resolve
from orchestration.semantic.definitions import MetricError
from orchestration.semantic.export import write_table
from orchestration.semantic.intervals import nps_adjusted_wald, wilson

GROUPS = {
    "touchpoint": True,
    "touchpoint__stage": False,
    "answer__survey_type": False,
    "customer__city": False,
    "shop__city": False,
}


def rate(name: str = "csat") -> MetricDefinition:
    interval = Interval("wilson", hits="hits", of="answers")
    return MetricDefinition(name, name.upper(), "A share.", "share", "owner", 3, "hits / answers", "answers", interval)


def test_wilson_of_published_examples() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29; all of a sample end at 1.
    low, high = wilson(pd.Series([81, 15, 0, 1, 20, 0]), pd.Series([263, 148, 20, 29, 20, 0]))
    assert low[:4].round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high[:4].round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]
    assert (high[4], pd.isna(low[5]), pd.isna(high[5])) == (1.0, True, True)


def test_adjusted_wald_by_hand() -> None:
    # 97 promoters and 0 detractors of 97: p = 97.75/100, d = 0.75/100; 0.97 +- 1.96 * sqrt((0.985 - 0.9409) / 100).
    low, high = nps_adjusted_wald(pd.Series([97, 0]), pd.Series([0, 0]), pd.Series([97, 0]))
    assert low[0] == pytest.approx(97 - 100 * 1.959964 * (0.0441 / 100) ** 0.5, abs=1e-4)
    assert high[0] == 100.0
    assert pd.isna(low[1])


def test_a_rate_below_the_minimum_is_null() -> None:
    table = pd.DataFrame({"month": ["a", "b"], "csat": [0.5, 0.5], "hits": [15, 14], "answers": [30, 29]})
    made = finished(table, [rate()], ["month"], 30)
    assert list(made.columns) == ["month", "csat", "csat_low", "csat_high", "answers", "is_suppressed"]
    assert made["is_suppressed"].tolist() == [False, True]
    assert made["answers"].tolist() == [30, 29]
    assert made[["csat", "csat_low", "csat_high"]].isna().to_numpy().tolist() == [[False] * 3, [True] * 3]


def test_short_names() -> None:
    assert resolve("Survey_Type", GROUPS) == "answer__survey_type"
    assert resolve("touchpoint", GROUPS) == "touchpoint"
    assert resolve("customer__city", GROUPS) == "customer__city"
    with pytest.raises(MetricError, match="customer__city or shop__city"):
        resolve("city", GROUPS)


def test_a_condition_is_written_anew() -> None:
    text = condition("survey_type = 'a''b' and touchpoint.stage in ('x') or day >= '2026-01-01'", GROUPS)
    assert text == (
        "{{ Dimension('answer__survey_type') }} = 'a''b' AND {{ Dimension('touchpoint__stage') }} IN ('x') "
        "OR {{ TimeDimension('metric_time', 'day') }} >= '2026-01-01'"
    )
    assert condition("Touchpoint is null", GROUPS) == "{{ Entity('touchpoint') }} IS NULL"


def test_a_metric_is_found_by_name_and_label() -> None:
    known = {"response_rate": rate("response_rate")}
    assert find_metric("Response Rate", known).name == "response_rate"
    assert find_metric("RESPONSE_RATE", known).name == "response_rate"
    with pytest.raises(MetricError, match="Did you mean response_rate"):
        find_metric("respons", known)


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "=name": ["=1+1", "+49", "-x", "@me", "\tx", "plain", None],
            "amount": [-1.5, 0, 1, 2, 3, 4, 5],
            "day": pd.to_datetime(["2026-01-01"] * 7),
        }
    )
    write_table(table, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "'=name,amount,day"
    assert lines[1:4] == ["'=1+1,-1.5,2026-01-01", "+49,0.0,2026-01-01", "'-x,1.0,2026-01-01"]
    assert lines[4:] == ["'@me,2.0,2026-01-01", "'\tx,3.0,2026-01-01", "plain,4.0,2026-01-01", ",5.0,2026-01-01"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
