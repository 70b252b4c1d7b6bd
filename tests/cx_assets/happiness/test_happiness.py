"""The index and single customers, worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from cx_assets.happiness.customers import customer_happiness
from cx_assets.happiness.drivers import Rules, driver_models
from cx_assets.happiness.index import Weights, happiness_index, index_weights

AS_OF = date(2026, 6, 30)
COLUMNS = ["response_id", "cluster_id", "segment", "touchpoint", "performance", "target", "responded_date"]


def weights(shares: dict[str, float], samples: list[list[float]] | None = None) -> Weights:
    rows = pd.DataFrame({"touchpoint": list(shares), "index_weight": list(shares.values())})
    return Weights(rows, np.array(samples or [list(shares.values())]))


def rated(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Customer, touchpoint, rating, day."""
    made = [(f"r{n}", who, "lost", where, score, None, day) for n, (who, where, score, day) in enumerate(rows)]
    return pd.DataFrame(made, columns=COLUMNS).assign(customer_id=lambda frame: frame["cluster_id"])


THREE = rated(
    ("ann", "delivery", 80, "2026-05-03"),
    ("bob", "delivery", 60, "2026-05-09"),
    ("ann", "store", 100, "2026-05-03"),
    ("cem", "delivery", 70, "2026-02-01"),
)


def month(found: pd.DataFrame, start: str) -> pd.Series:
    rows = found[(found["period"] == "month") & (found["period_start"] == start) & (found["cut"] == "all")]
    return rows.iloc[0]


def test_the_index_weighs_means_and_hands_on_the_weight_of_what_was_not_rated() -> None:
    found = happiness_index(THREE, weights({"delivery": 0.75, "store": 0.25}))
    may, february = month(found, "2026-05-01"), month(found, "2026-02-01")
    assert (may["happiness_index"], may["covered_weight"], may["answers"], may["customers"]) == (77.5, 1.0, 3, 2)
    assert (february["happiness_index"], february["covered_weight"]) == (70.0, 0.75)
    assert pd.isna(february["standard_error"])
    # Delivery: (0.75 / 2 * 10)² * 2 / (2 - 1) from each customer; store, rated once, has delivery's variance of 200.
    assert may["standard_error"] == pytest.approx((2 * 2 * 3.75**2 + 200 * 0.25**2) ** 0.5)
    assert (may["index_low"], may["index_high"]) == (0.0, 100.0)
    assert set(found["period"]) == {"month", "quarter", "year"}
    segment = found[found["cut"] == "segment"].reset_index(drop=True)
    assert set(segment["segment"]) == {"lost"}


def test_uncertain_weights_widen_the_index() -> None:
    shares = {"delivery": 0.75, "store": 0.25}
    found = happiness_index(THREE, weights(shares, [[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]))
    # The samples' indices are 85, 77.5 and 70: a variance of 56.25 beside that of the means.
    assert month(found, "2026-05-01")["standard_error"] == pytest.approx((68.75 + 56.25) ** 0.5)


def test_without_drivers_all_touchpoints_weigh_the_same() -> None:
    found = index_weights(driver_models(THREE, Rules()), THREE).rows
    assert found.to_dict("records") == [
        {"touchpoint": name, "index_weight": 0.5, "weight_standard_error": 0.0, "weight_basis": "equal"}
        for name in ("delivery", "store")
    ]


def twice(first: tuple[float, float], second: tuple[float, float]) -> pd.DataFrame:
    """Fifteen customers with the first two ratings of delivery, fifteen with the second."""
    pairs = [first] * 15 + [second] * 15
    rows = [(f"c{who:02d}", "delivery", score, "2026-05-01") for who, pair in enumerate(pairs) for score in pair]
    return rated(*rows)


def test_customers_are_drawn_towards_their_segment_by_how_little_they_tell() -> None:
    found = customer_happiness(twice((60, 80), (20, 40)), weights({"delivery": 1.0}), as_of=AS_OF, days=365)
    # Within 200. Between: 30 customers at 20 from the mean, (30 * 2 * 400 - 29 * 200) / (60 - 30 * 4 / 60).
    between = 18200 / 58
    own_weight = between / (between + 100)
    first = found.iloc[0]
    assert (first["own_score"], first["answers"]) == (70.0, 2)
    assert first["segment_score"] == pytest.approx(50.0)
    assert first["own_weight"] == pytest.approx(own_weight)
    assert first["happiness_score"] == pytest.approx(50 + 20 * own_weight)
    error = (1 - own_weight) * between + (1 - own_weight) ** 2 * (between + 100) / 30
    assert first["standard_error"] == pytest.approx(error**0.5)
    assert len(found) == 30


def test_customers_who_do_not_differ_all_have_the_score_of_their_segment() -> None:
    found = customer_happiness(twice((30, 70), (70, 30)), weights({"delivery": 1.0}), as_of=AS_OF, days=365)
    assert set(found["own_weight"]) == {0.0}
    assert list(found["happiness_score"]) == pytest.approx([50.0] * 30)


def test_one_rating_each_tells_no_customer_from_chance() -> None:
    ratings = twice((60, 80), (20, 40)).drop_duplicates("customer_id")
    assert customer_happiness(ratings, weights({"delivery": 1.0}), as_of=AS_OF, days=365).empty


def test_ratings_outside_the_days_do_not_count() -> None:
    ratings = pd.concat([twice((60, 80), (20, 40)), rated(("c00", "delivery", 0, "2025-06-30"))])
    found = customer_happiness(ratings, weights({"delivery": 1.0}), as_of=AS_OF, days=365)
    assert found["answers"].max() == 2
