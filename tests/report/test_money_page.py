"""The page on money says what the marts hold, with intervals, and why it does not say more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from report.pages import money
from tests.report.conftest import Open, words
from tests.report.publishing import AS_OF, write_publication

POINT: dict[str, Any] = {
    **{"metric": "nps", "touchpoint": "all", "contrast": "promoter_detractor", "outcome": "net_amount"},
    **{"outcome_days": 180, "currency_code": "EUR", "status": "stated", "is_claim": True, "observation_date": AS_OF},
    **{"adjusted_difference": 43.2, "adjusted_low": 12.1, "adjusted_high": 71.4},
}
LOSS: dict[str, Any] = {
    **{"experience": "late_delivery", "status": "stated", "is_claim": True, "observation_date": AS_OF},
    **{"bad_left_share": 0.22, "comparable_left_share": 0.16, "adjusted_difference": 0.06},
    **{"adjusted_low": 0.015, "adjusted_high": 0.11},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "mart_value__point": [
        POINT,
        POINT | {"contrast": "per_point", "status": "refused", "reason": "Too few to compare: 60.", "is_claim": False},
        POINT | {"outcome": "silent_share", "adjusted_difference": -0.165, "adjusted_low": -0.282}
        | {"adjusted_high": -0.048, "is_claim": False},
    ],
    "mart_value__bad_experience": [LOSS],
    "mart_value__touchpoint_risk": [
        {"metric": "csat", "touchpoint": "store", "weak_net_amount": 200, "at_risk_amount": 20, "currency_code": "EUR"}
    ],
    "mart_value__customer_profit": [
        {"customer_id": "c_1", "period": "life", "currency_code": "EUR", "profit_amount": 46},
        {"customer_id": "c_2", "period": "life", "currency_code": "EUR", "profit_amount": -6},
        {"customer_id": "c_3", "period": "life", "currency_code": "EUR", "profit_amount": None},
    ],
}  # fmt: skip


def test_the_page_says_it_in_words(open_page: Open, tmp_path: Path) -> None:
    write_publication(tmp_path, "shop", ROWS)
    app = open_page("money", root=tmp_path, company="shop")
    assert not app.exception
    said = words(app)
    assert (
        "NPS: customers who answered 9 or 10 spent 43 EUR more in the next 180 days than comparable ones who answered "
        "0 to 6 (95% interval 12 to 71): an association."
    ) in said
    assert "For each point more (NPS, scale 10): not said. Too few to compare: 60." in said
    assert (
        "After a late delivery 22% left, of comparable customers 16%: +6.0 percentage points (95% interval +1.5 to "
        "+11.0): an association."
    ) in said
    profits = app.dataframe[3].value.to_dict("records")
    assert [(row["customers"], row["profit_known"], row["profit_amount"]) for row in profits] == [(3, 2, 40.0)]


def test_a_fall_is_told_as_less_with_its_bounds_turned() -> None:
    line = money.point_line(ROWS["mart_value__point"][2])
    assert line == (
        "NPS: customers who answered 9 or 10 fell silent against their own rhythm 16.5 percentage points less often "
        "than comparable ones who answered 0 to 6 (95% interval 4.8 to 28.2): chance alone could make it, among so "
        "many comparisons."
    )


def test_an_empty_company_says_why(open_page: Open) -> None:
    said = words(open_page("money", company="empty"))
    assert "No answers of known customers are old enough to see what followed." in said
    assert "No experience is old enough to see who left after it." in said
