"""The page on lifetime value says what is expected, how well the last expectation held, and when it says nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from report.pages import lifetime
from tests.report.conftest import Open, words
from tests.report.publishing import AS_OF, write_publication

MODEL: dict[str, Any] = {
    **{"part": "spending", "status": "fitted", "model": "gamma_gamma", "horizon_days": 365, "observation_date": AS_OF},
    **{"expected_total": 12345.6, "total_low": 11000.2, "total_high": 13600.0, "judged_from_date": date(2025, 6, 30)},
    **{"judged_days": 365, "judged_customer_count": 1200, "judged_expected": 9900.0, "judged_actual": 10100.0},
    **{"judged_coverage": 0.948, "judged_error": 250.04, "naive_error": 401.0},
}
REFUSED: dict[str, Any] = {
    **{"part": "contract_month", "status": "refused", "reason": "3 contracts, 1 ended: 50 and 15 are needed."},
    **{"horizon_days": 365, "observation_date": AS_OF},
}
CUSTOMER: dict[str, Any] = {
    **{"customer_id": "c_1", "value_tier": "high", "currency_code": "EUR", "expected_amount": 300.0},
    **{"alive_probability": 0.9, "horizon_days": 365, "observation_date": AS_OF},
}
COHORT: dict[str, Any] = {
    **{"cohort_start": date(2025, 1, 1), "quarter_number": 1, "quarter_start": date(2025, 4, 1), "is_complete": True},
    **{"customer_count": 40, "buyer_count": 10, "buyer_share": 0.25, "amount_per_customer": 12.5},
    **{"is_suppressed": False, "currency_code": "EUR", "observation_date": AS_OF},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "mart_value__lifetime": [
        CUSTOMER,
        CUSTOMER | {"customer_id": "c_2", "value_tier": "low", "expected_amount": 100.0, "alive_probability": 0.5},
    ],
    "mart_value__lifetime_model": [MODEL, REFUSED],
    "mart_value__cohort": [COHORT | {"quarter_number": 0, "buyer_count": 40, "buyer_share": 1.0}, COHORT],
}


def test_the_page_says_it_in_words(open_page: Open, tmp_path: Path) -> None:
    write_publication(tmp_path, "shop", ROWS)
    app = open_page("lifetime", root=tmp_path, company="shop")
    assert not app.exception
    said = words(app)
    assert (
        "Amounts: 12,346 EUR in the next 365 days (95% interval 11,000 to 13,600), if customers go on as they did."
    ) in said
    assert (
        "Amounts, the record: fitted to 30 June 2025, the model foresaw 9,900 for the 365 days after; 10,100 came. Of "
        "1,200 customers 95% were inside their 95% interval; it was wrong by 250.0 a customer, the rate so far by "
        "401.0."
    ) in said
    assert "Contracts billed by the month: nothing is expected. 3 contracts, 1 ended: 50 and 15 are needed." in said
    tiers = app.dataframe[1].value.to_dict("records")
    assert [(row["value_tier"], row["customers"], row["share_of_amount"]) for row in tiers] == [
        ("high", 1, 0.75),
        ("low", 1, 0.25),
    ]


def test_purchases_are_told_as_days() -> None:
    [line] = lifetime.model_lines(MODEL | {"part": "purchases", "judged_days": None}, "EUR")
    assert line.startswith("Purchases: 12,346 days with a purchase in the next 365 days (95% interval")


def test_an_empty_company_says_why(open_page: Open) -> None:
    said = words(open_page("lifetime", company="empty"))
    assert "Nothing was expected yet." in said
    assert "No customer bought or has a contract." in said
    assert "No quarter after a first purchase is over yet." in said
