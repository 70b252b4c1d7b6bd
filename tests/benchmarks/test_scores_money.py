"""The truth of the case `money` by hand, and its whole way on two tiny companies of each kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.scores_money import LOSS_KEY, by_lot, figures, judged


def test_who_was_drawn_by_lot_is_compared_within_the_stratum() -> None:
    # January: bad ones left in 1 of 2, others in 1 of 4. February: 1 of 1 and 1 of 2. March has no others.
    # Mean over the bad: (2 * (1/2 - 1/4) + 1 * (1 - 1/2)) / 3 = 1/3.
    moments = pd.DataFrame(
        {
            "moment_month": ["01"] * 6 + ["02"] * 3 + ["03"],
            "is_bad": [True, True, False, False, False, False, True, False, False, True],
            "has_left": [True, False, True, False, False, False, True, True, False, True],
            "order_count": 1,
            "late_order_count": 0,
        }
    )
    assert by_lot(moments, "has_left") == pytest.approx(1 / 3)


def test_an_interval_is_judged_by_the_pool_of_which_it_is_part() -> None:
    # Two companies: the reach of 0.04 holds a pooled value up to 0.04 * sqrt(1/2) = 0.0283 away.
    estimate = {"experience": "late_delivery", "status": "stated", "adjusted_difference": 0.1}
    rows = pd.DataFrame([estimate | {"adjusted_low": 0.06, "adjusted_high": 0.14}])
    refused = rows.assign(status="refused", adjusted_difference=np.nan)
    truth = pd.DataFrame([{"experience": "late_delivery", "truth": 0.128, "departed_truth": 0.129}])
    found = judged(pd.concat([rows, refused]), truth, LOSS_KEY, 2)
    assert list(found["holds"]) == [True]
    assert list(found["departed_holds"]) == [False]


@pytest.mark.slow
def test_two_tiny_companies_of_each_kind_are_judged() -> None:
    found = {(figure.case, figure.metric): figure.value for figure in figures([1, 2], [1, 2], 0.006)}
    assert found["money_loss", "sign_right_of_claims"] == 1.0
    # What is planted after a late delivery is far from nothing, and from everything.
    assert 0.02 < found["money_loss/late_delivery", "departed_truth"] < 0.25
    assert found["money_null_point", "estimates"] > 0
    assert 0 <= found["money_null_loss", "tables_with_a_claim"] <= 1
