"""RFM scores worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cx_assets.segments.rfm import SEGMENTS, rfm_scores
from cx_assets.segments.tables import CUSTOMER_RFM

AS_OF = date(2026, 3, 31)


def purchases(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "last_purchase_date", "purchase_count", "purchase_amount"])
    frame["last_purchase_date"] = pd.to_datetime(frame["last_purchase_date"])
    return frame.assign(observation_date=pd.Timestamp(AS_OF))


def test_five_customers_by_hand():
    # Mid-ranks 1 to 5 of 5 give bins 1 to 5. Frequency 1, 1, 1, 2, 9: ranks 2, 2, 2, 4, 5 give bins
    # floor(5 * 1.5 / 5) + 1 = 2, 2, 2, 4, 5. Latest purchase has the highest recency score.
    scores = rfm_scores(
        purchases(
            ("e", "2026-03-31", 1, 10.0),
            ("a", "2026-03-30", 1, -5.0),
            ("b", "2026-03-01", 1, 30.0),
            ("c", "2026-01-31", 2, 40.0),
            ("d", "2025-03-31", 9, 50.0),
        ),
        as_of=AS_OF,
    )
    expected = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e"],
            "observation_date": pd.Timestamp(AS_OF),
            "recency_days": [1, 30, 59, 365, 0],
            "purchase_count": [1, 1, 2, 9, 1],
            "purchase_amount": [-5.0, 30.0, 40.0, 50.0, 10.0],
            "recency_score": [4, 3, 2, 1, 5],
            "frequency_score": [2, 2, 4, 5, 2],
            "monetary_score": [1, 3, 4, 5, 2],
            # Mean of frequency and monetary, halves up: 2, 3, 4, 5, 2.
            "rfm_segment": ["potential_loyalists", "need_attention", "at_risk", "cannot_lose", "potential_loyalists"],
        }
    ).astype({"customer_id": "str", "observation_date": "datetime64[us]", "rfm_segment": "str"})
    assert_frame_equal(scores, expected)


def test_no_customers_give_a_typed_frame():
    scores = rfm_scores(purchases(), as_of=AS_OF)
    assert scores.columns.tolist() == list(CUSTOMER_RFM.columns)
    assert scores.empty
    assert scores["recency_days"].dtype == np.int64
    assert scores["purchase_amount"].dtype == np.float64


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equals_are_in_the_middle(count):
    rows = [(f"c{number}", "2026-03-01", 1, 10.0) for number in range(count)]
    scores = rfm_scores(purchases(*rows), as_of=AS_OF)
    assert set(scores["recency_score"]) == set(scores["frequency_score"]) == set(scores["monetary_score"]) == {3}


def test_fewer_customers_than_bins_spread_evenly():
    # Ranks 1 and 2 of 2: floor(5 * 0.25) + 1 = 2 and floor(5 * 0.75) + 1 = 4.
    scores = rfm_scores(purchases(("a", "2026-03-01", 1, 5.0), ("b", "2026-03-02", 3, 9.0)), as_of=AS_OF)
    assert scores["monetary_score"].tolist() == [2, 4]
    assert scores["recency_score"].tolist() == [2, 4]


def test_amounts_that_differ_below_a_cent_are_equal():
    scores = rfm_scores(purchases(("a", "2026-03-01", 1, 0.3), ("b", "2026-03-01", 1, 0.1 + 0.2)), as_of=AS_OF)
    assert scores["monetary_score"].tolist() == [3, 3]


def test_other_numbers_of_bins_keep_the_segments():
    rows = [(f"c{number}", f"2026-03-{number + 1:02}", number + 1, 10.0 * number) for number in range(10)]
    tenths, fifths = (rfm_scores(purchases(*rows), as_of=AS_OF, bins=bins) for bins in (10, 5))
    assert tenths["recency_score"].tolist() == list(range(1, 11))
    assert tenths["rfm_segment"].tolist() == fifths["rfm_segment"].tolist()


def test_every_cell_of_the_grid_is_named():
    assert set(SEGMENTS) == {1, 2, 3, 4, 5}
    assert all(len(row) == 5 for row in SEGMENTS.values())
    assert (SEGMENTS[5][4], SEGMENTS[1][0]) == ("champions", "lost")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a", "2026-03-01", 1, 1.0), "customer_id repeats"),
        ((None, "2026-03-01", 1, 1.0), "customer_id is null"),
        (("b", None, 1, 1.0), "last_purchase_date is null"),
        (("b", "2026-03-01", 1, None), "purchase_amount is null"),
        (("b", "2026-03-01", 0, 1.0), "purchase_count is below 1"),
        (("b", "2026-04-01", 1, 1.0), "after the observation date 2026-03-31"),
    ],
)
def test_broken_input_is_named(row, message):
    with pytest.raises(ValueError, match=message):
        rfm_scores(purchases(("a", "2026-03-01", 1, 1.0), row), as_of=AS_OF)


def test_missing_column_and_too_few_bins_are_named():
    frame = purchases(("a", "2026-03-01", 1, 1.0))
    with pytest.raises(ValueError, match="missing: purchase_amount"):
        rfm_scores(frame.drop(columns="purchase_amount"), as_of=AS_OF)
    with pytest.raises(ValueError, match="at least 2"):
        rfm_scores(frame, as_of=AS_OF, bins=1)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(-3, 3)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_equal_customers_are_equal_and_better_ones_never_worse(customers, shuffler):
    rows = [
        (f"c{number:02}", pd.Timestamp(AS_OF) - pd.Timedelta(days=days), orders, float(amount))
        for number, (days, orders, amount) in enumerate(customers)
    ]
    frame = purchases(*rows)
    scores = rfm_scores(frame, as_of=AS_OF)
    shuffler.shuffle(rows)
    assert_frame_equal(rfm_scores(purchases(*rows), as_of=AS_OF), scores)
    for value, score, sign in [
        ("recency_days", "recency_score", -1),
        ("purchase_count", "frequency_score", 1),
        ("purchase_amount", "monetary_score", 1),
    ]:
        ordered = scores.assign(key=scores[value] * sign).sort_values("key")
        assert ordered[score].is_monotonic_increasing
        assert (ordered.groupby("key")[score].nunique() == 1).all()
        assert scores[score].between(1, 5).all()
