"""The figures that the papers published, from the data that they published them on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_assets.lifetime_value.contracts import ShiftedBetaGeometric
from cx_assets.lifetime_value.purchasing import BgNbd, Histories, ParetoNbd, PurchaseModel
from cx_assets.lifetime_value.spending import GammaGamma
from tests.conftest import real_data_dir
from tests.cx_assets.lifetime_value.cdnow import WEEKS_39, purchase_days, summary

WEEK = 7.0


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return summary(purchase_days(real_data_dir("cdnow")))


def histories(customers: pd.DataFrame) -> Histories:
    columns = (customers[name].to_numpy() for name in ("repeat_count", "recency_days", "age_days"))
    return Histories(*columns, np.ones(len(customers)))


@pytest.mark.needs_cdnow
@pytest.mark.parametrize(
    ("kind", "published", "loglik", "correlation"),
    [
        # Fader, Hardie and Lee (2005), Marketing Science 24(2), tables 2 and 4.
        (BgNbd, [0.243, 4.414, 0.793, 2.426], -9582.4, 0.626),
        (ParetoNbd, [0.553, 10.578, 0.606, 11.669], -9595.0, 0.630),
    ],
)
def test_cdnow_purchases(
    customers: pd.DataFrame, kind: type[PurchaseModel], published: list[float], loglik: float, correlation: float
) -> None:
    seen = histories(customers)
    model = kind.fitted(Histories.of(seen.repeats, seen.recency, seen.age), WEEK)
    assert len(customers) == 2357
    assert list(model.fit.values) == pytest.approx(published, abs=0.0006)
    assert model.fit.loglik == pytest.approx(loglik, abs=0.05)
    expected = model.expected(seen, WEEKS_39)
    assert np.corrcoef(expected, customers["later_count"])[0, 1] == pytest.approx(correlation, abs=0.0005)


@pytest.mark.needs_cdnow
def test_cdnow_repeat_purchases_at_week_78(customers: pd.DataFrame) -> None:
    """Cumulative repeat purchases of all customers at week 78, from the model of week 39: within 5% of what came."""
    seen = histories(customers)
    model = BgNbd.fitted(Histories.of(seen.repeats, seen.recency, seen.age), WEEK)
    newcomer = Histories(np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1))
    foreseen = sum(
        float(model.expected(newcomer, days + WEEKS_39)[0]) * count
        for days, count in customers["age_days"].value_counts().items()
    )
    assert foreseen == pytest.approx(customers["repeat_count"].sum() + customers["later_count"].sum(), rel=0.05)


@pytest.mark.needs_cdnow
def test_cdnow_amounts(customers: pd.DataFrame) -> None:
    """Fader and Hardie (2013), "The gamma-gamma model of monetary value", table 1."""
    paying = customers[customers["repeat_mean"] > 0]
    model = GammaGamma.fitted(paying["repeat_count"].to_numpy(), paying["repeat_mean"].to_numpy())
    assert len(paying) == 946
    assert list(model.fit.values) == pytest.approx([6.25, 3.74, 15.44], abs=0.006)
    # Mean of everybody: 6.25 * 15.44 / 2.74.
    assert model.expected(np.zeros(1), np.zeros(1))[0] == pytest.approx(6.25 * 15.44 / 2.74, rel=0.002)


@pytest.mark.parametrize(
    ("surviving", "alpha", "beta", "loglik"),
    [
        # Fader and Hardie (2007), J. of Interactive Marketing 21(1): 1,000 regular and 1,000 high-end customers.
        ([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1], 0.704, 1.182, -1680.3),
        ([100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1], 0.668, 3.806, -1611.2),
    ],
)
def test_contracts(surviving: list[float], alpha: float, beta: float, loglik: float) -> None:
    left = np.array(surviving) * 10
    periods, is_ended = np.append(np.arange(1.0, 8), 7), np.append(np.ones(7, bool), False)
    model = ShiftedBetaGeometric.fitted(periods, is_ended, np.append(left[:-1] - left[1:], left[-1]))
    assert list(model.fit.values) == pytest.approx([alpha, beta], abs=0.001)
    assert model.fit.loglik == pytest.approx(loglik, abs=0.1)
    # Twelve periods are the product of their retention rates, (beta + t - 1) / (alpha + beta + t - 1).
    kept = np.prod([(beta + period) / (alpha + beta + period) for period in range(12)])
    assert model.surviving(np.array([12.0]))[0] == pytest.approx(kept, abs=0.001)
