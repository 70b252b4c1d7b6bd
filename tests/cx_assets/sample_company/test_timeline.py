"""Clock, periods and Arrow columns against the standard library and hand-made values."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cx_assets.sample_company.columns import money, padded
from cx_assets.sample_company.timeline import cut_date, day_weights, draw_days, period_start, to_utc


@pytest.mark.parametrize(
    "local",
    [
        "2023-07-17 07:00",
        "2024-03-31 01:59",
        "2024-03-31 03:00",
        "2024-10-27 01:30",
        "2024-10-27 03:00",
        "2026-06-30 21:59",
    ],
)
def test_berlin_times_become_utc_as_the_zone_data_say(local):
    naive = np.datetime64(local, "s")
    expected = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    assert to_utc(np.array([naive]).astype(np.int64))[0] == int(expected)


def test_periods_end_with_june_2026():
    assert np.datetime64(period_start(36), "s") == np.datetime64("2026-07-01")
    assert np.datetime64(period_start(0), "s") == np.datetime64("2023-07-17")
    assert cut_date(36) == date(2026, 6, 30)
    assert cut_date(35) == date(2026, 5, 31)


def test_days_are_drawn_from_the_first_allowed_one_on():
    rng = np.random.default_rng(1)
    weights = day_weights(10, is_online=True)
    assert weights.sum() == pytest.approx(1.0)
    assert draw_days(rng, weights, np.full(5_000, 20)).min() == 20
    assert draw_days(rng, weights, np.full(10, 29)).tolist() == [29] * 10


def test_money_is_exact_below_and_above_zero():
    values = money(np.array([0, 1, -1, 123_456, -99_999_999_999]), np.array([False, False, False, False, False]))
    assert values.to_pylist() == [
        Decimal("0.00"), Decimal("0.01"), Decimal("-0.01"), Decimal("1234.56"), Decimal("-999999999.99"),
    ]  # fmt: skip
    assert money(np.array([5, 7]), np.array([True, False])).to_pylist() == [None, Decimal("0.07")]


def test_padding():
    assert padded(np.array([7, 1234]), 3).to_pylist() == ["007", "1234"]
