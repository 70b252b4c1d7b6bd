"""The pictures: valid, in colours that everybody tells apart, and silent about months without a score."""

from __future__ import annotations

import json
import re

import altair as alt
import pandas as pd
import pytest

from report import charts

OKABE_ITO = {"#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#000000"}
GREYS = {"#ffffff", "#262626", "#e4e4e4", "#6b6b6b"}
MONTHS = pd.DataFrame(
    {
        "month": pd.to_datetime(["2026-01-01", "2026-04-01", "2026-05-01"]),
        "value": [0.5, None, 0.7],
        "low": [0.4, None, 0.6],
        "high": [0.6, None, 0.8],
        "response_count": [90, 3, 80],
    }
)
BINS = pd.DataFrame(
    {
        "bin": [1],
        "customer_count": [10],
        "mean_probability": [0.2],
        "observed_share": [0.3],
        "observed_low": [0.1],
        "observed_high": [0.5],
    }
)


def _over_months() -> alt.LayerChart:
    return charts.band_over_months(
        MONTHS, month="month", value="value", low="low", high="high", title="CSAT", value_format=".0%"
    )


def _all() -> list[alt.LayerChart]:
    named = pd.DataFrame({"name": ["a", "b"], "value": [1, 2], "low": [-1, 1], "high": [3, 3]})
    return [
        _over_months(),
        charts.whiskers(
            named, label="name", value="value", low="low", high="high", title="points", value_format="+.0f"
        ),
        charts.columns_over_months(MONTHS, month="month", value="response_count", title="answers"),
        charts.bars(named, label="name", value="value", title="customers"),
        charts.probability_histogram(pd.DataFrame({"low": [0.0, 0.9], "customer_count": [3, 4]})),
        charts.reliability(BINS),
    ]


@pytest.mark.parametrize("chart", _all())
def test_every_picture_is_valid_described_and_in_safe_colours(chart: alt.LayerChart) -> None:
    spec = chart.to_dict(validate=True)
    assert spec["description"]
    colours = {colour.lower() for colour in re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(spec))}
    assert colours <= OKABE_ITO | GREYS
    assert "http" not in json.dumps({key: value for key, value in spec.items() if key != "$schema"})


def test_months_without_a_score_break_the_line() -> None:
    (rows,) = _over_months().to_dict()["datasets"].values()
    assert [(row["month"][:7], row["value"]) for row in rows] == [
        ("2026-01", 0.5),
        ("2026-02", None),
        ("2026-03", None),
        ("2026-04", None),
        ("2026-05", 0.7),
    ]


def test_zero_is_drawn_where_an_interval_crosses_it() -> None:
    assert len(_all()[1].to_dict()["layer"]) == 3


def test_no_months_give_an_empty_picture() -> None:
    chart = charts.band_over_months(
        MONTHS.head(0), month="month", value="value", low="low", high="high", title="CSAT", value_format=".0%"
    )
    assert chart.to_dict()["layer"]
