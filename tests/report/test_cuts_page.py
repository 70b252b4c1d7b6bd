"""The page on periods and cuts: values with unit and denominator, weighted beside raw, changes in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from report.pages import cuts
from tests.report.conftest import Open, words
from tests.report.publishing import write_publication

CELL: dict[str, Any] = {
    **{"period": "month", "period_start": date(2026, 6, 1), "counted_until_date": date(2026, 6, 30)},
    **{"is_complete": True, "cut": "touchpoint+channel", "touchpoint": "store", "channel": "email"},
    **{"product_category": "all", "segment": "all", "survey_type": "transactional", "metric": "csat"},
    **{"scale_min": 1.0, "scale_max": 5.0, "response_count": 412, "customer_count": 400, "effective_count": 380.2},
    **{"score_value": 0.64, "interval_low": 0.59, "interval_high": 0.69, "weighted_value": 0.612},
    **{"invited_count": 1500, "answered_count": 405, "response_share": 0.27, "is_suppressed": False},
}
CHANGE: dict[str, Any] = {
    **{name: CELL[name] for name in ("period", "period_start", "is_complete", "cut", "touchpoint", "channel")},
    **{name: CELL[name] for name in ("product_category", "segment", "survey_type", "metric", "scale_min", "scale_max")},
    **{"compared_with": "previous", "compared_start": date(2026, 5, 1), "score_value": 0.64, "compared_value": 0.55},
    **{"difference": 0.09, "difference_low": 0.02, "difference_high": 0.16, "p_value": 0.002, "q_value": 0.01},
    **{"tested_count": 12, "verdict": "up"},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "mart_experience__score": [
        CELL,
        CELL | {"channel": "app", "response_count": 7, "is_suppressed": True, "invited_count": None}
        | {"answered_count": None, "response_share": None, "weighted_value": None},
    ],
    "mart_experience__score_change": [
        CHANGE,
        CHANGE | {"channel": "app", "verdict": "no clear change", "q_value": 0.6},
    ],
}  # fmt: skip


def test_a_cell_says_what_it_is_of(open_page: Open, tmp_path: Path) -> None:
    write_publication(tmp_path, "shop", ROWS)
    app = open_page("cuts", root=tmp_path, company="shop")
    assert not app.exception
    told = app.dataframe[0].value.to_dict("records")
    assert told[0]["cell"] == "store, app"
    assert told[0]["score"] == "too few: 7 answers"
    assert told[0]["response rate"] == "no invitation names it"
    assert (told[1]["cell"], told[1]["score"]) == ("store, email", "64% of 412 answers")
    assert (told[1]["interval (95%)"], told[1]["weighted"]) == ("59% to 69%", "61%")
    assert (told[1]["counts as"], told[1]["response rate"]) == ("380 independent answers", "27% of 1,500 invitations")
    said = words(app)
    assert (
        "The month from 1 June 2026: 2 comparisons of this cut. Of the changes called so among all 12 of the period"
        in said
    )
    assert (
        "**CSAT of store, email** (transactional) went up from 55% to 64%, since 1 May 2026: +9 percentage points "
        "(95% interval +2 to +16)."
    ) in said


def test_nps_is_told_in_points() -> None:
    row = CHANGE | {"metric": "nps", "place": "all", "score_value": -3.2, "compared_value": 8.0, "verdict": "down"}
    row |= {"difference": -11.2, "difference_low": -20.0, "difference_high": -2.4, "compared_with": "year_ago"}
    assert cuts.change_line(row) == (
        "**NPS of all** (transactional) went down from +8 to -3, a year before: -11 points (95% interval -20 to -2)."
    )


def test_an_empty_company_says_why(open_page: Open) -> None:
    assert "No scored answers up to the observation date." in words(open_page("cuts", company="empty"))
