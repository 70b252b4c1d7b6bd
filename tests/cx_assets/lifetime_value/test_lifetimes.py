"""Lifetimes: planted customers come back within their intervals; too little is refused in words."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from cx_assets.lifetime_value.contracts import contract_model
from cx_assets.lifetime_value.lifetimes import Lifetimes, Rules, _bounds, customer_lifetimes
from cx_assets.lifetime_value.purchasing import BgNbd, Histories, ParetoNbd
from cx_assets.lifetime_value.spending import GammaGamma

AS_OF = date(2026, 6, 30)
NO_CONTRACTS = pd.DataFrame(
    columns=[
        "customer_id",
        "billing_interval",
        "period_count",
        "open_days",
        "is_ended",
        "is_canceled",
        "recurring_amount",
    ]
)


def world(count: int, seed: int, *, leaving: float = 0.002, days: int = 900, ahead: int = 365) -> pd.DataFrame:
    """Customers who buy at random every 10 to 60 days, and leave at random; amounts around a mean of their own.

    Both cuts: the observation date, and a year before it. The true rates differ between customers and are gamma.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        rate, hazard = rng.gamma(1.5, 1 / 60), rng.gamma(2.0, leaving / 2)
        first = float(rng.integers(0, days - ahead - 60))
        end = first + rng.exponential(1 / hazard)
        times = first + np.cumsum(rng.exponential(1 / rate, int(5 * rate * days) + 20))
        bought = np.floor(np.append(first, times[times < min(end, days)]))
        bought = np.unique(bought[bought < days])
        mean = 1 / rng.gamma(6.0, 1 / 300)
        amounts = rng.gamma(3.0, mean / 3, len(bought))
        for cut, is_judged in ((days, False), (days - ahead, True)):
            seen = bought < cut
            rows.append(
                {
                    "customer_id": f"c{number:05d}",
                    "cut_date": pd.Timestamp(AS_OF) - pd.Timedelta(days=days - cut),
                    "is_judged": is_judged,
                    "repeat_count": int(seen.sum()) - 1,
                    "recency_days": bought[seen].max() - first,
                    "age_days": cut - 1 - first,
                    "purchase_count": int(seen.sum()),
                    "net_amount": amounts[seen].sum(),
                    "later_purchase_count": int((~seen).sum()) if is_judged else None,
                    "later_net_amount": amounts[~seen].sum() if is_judged else None,
                }
            )
    return pd.DataFrame(rows)


def found_in(customers: pd.DataFrame, contracts: pd.DataFrame = NO_CONTRACTS, **rules: float) -> Lifetimes:
    return customer_lifetimes(customers, contracts, as_of=AS_OF, rules=Rules(**rules))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted() -> Lifetimes:
    return found_in(world(1500, 3))


def test_what_comes_lies_in_the_intervals(planted: Lifetimes) -> None:
    purchases, spending = (planted.models.set_index("part").loc[part] for part in ("purchases", "spending"))
    assert (purchases["status"], purchases["model"], spending["status"]) == ("fitted", "pareto_nbd", "fitted")
    for row in (purchases, spending):
        assert row["judged_customer_count"] == 1500
        assert row["judged_expected"] == pytest.approx(row["judged_actual"], rel=0.06)
        # 1,500 customers: the share is known to about one in a hundred; whole numbers make intervals a little wide.
        assert 0.93 <= row["judged_coverage"] <= 0.99
        assert row["judged_error"] < row["naive_error"]
        assert row["total_low"] < row["expected_total"] < row["total_high"]


def test_the_planted_rates_come_back(planted: Lifetimes) -> None:
    """Rates are gamma (1.5, 60 days): r is 1.5, alpha 60 days or 8.57 weeks. Orders of one day are one purchase."""
    model = ParetoNbd.fitted(histories(world(1500, 3)), 7.0)
    assert model.fit.values[:2] == pytest.approx([1.5, 60 / 7], rel=0.15)


def histories(rows: pd.DataFrame) -> Histories:
    now = rows[~rows["is_judged"]]
    return Histories.of(*(now[name].to_numpy(float) for name in ("repeat_count", "recency_days", "age_days")))


def test_rows_are_the_same_in_any_order(planted: Lifetimes) -> None:
    again = found_in(world(1500, 3).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(again.customers, planted.customers)
    pd.testing.assert_frame_equal(again.models, planted.models)


def test_later_money_is_worth_less(planted: Lifetimes) -> None:
    """Money of the year comes half a year later on average, a little earlier as customers leave: 1.1^-0.5 = 0.953."""
    sums = planted.customers[["expected_amount", "discounted_amount"]].sum()
    assert 0.953 < sums["discounted_amount"] / sums["expected_amount"] < 0.962
    undiscounted = found_in(world(300, 5), yearly_discount_rate=0.0).customers
    assert undiscounted["discounted_amount"].to_numpy() == pytest.approx(undiscounted["expected_amount"].to_numpy())


@pytest.mark.parametrize("kind", [BgNbd, ParetoNbd])
def test_what_is_drawn_is_on_average_what_is_expected(kind: type[BgNbd] | type[ParetoNbd]) -> None:
    """Drawn 4,000 times with the parameters as they are: the formula against simulation, customer by customer."""
    seen = Histories(
        np.array([0.0, 1, 3, 40]), np.array([0.0, 20, 90, 700]), np.array([200.0, 250, 100, 730]), np.ones(4)
    )
    model = kind.fitted(histories(world(400, 8)), 7.0)
    drawn = model.simulated(seen, 200, np.tile(model.fit.values, (4000, 1)), np.random.default_rng(0))
    error = 4 * drawn.std(axis=1) / np.sqrt(4000) + 1e-9
    assert (np.abs(drawn.mean(axis=1) - model.expected(seen, 200)) < error).all()


def test_with_bg_nbd_nobody_is_known_to_have_left_who_bought_once() -> None:
    model = BgNbd.fitted(histories(world(400, 8)), 7.0)
    once = Histories(np.zeros(1), np.zeros(1), np.array([800.0]), np.ones(1))
    assert model.alive(once)[0] == 1


def test_hundreds_of_purchases_overflow_nothing() -> None:
    """A thousand purchases in a thousand days, the last one today, and one with a year of silence."""
    seen = Histories(np.array([999.0, 600]), np.array([1000.0, 635]), np.array([1000.0, 1000]), np.ones(2))
    for model in (kind.fitted(histories(world(400, 8)), 7.0) for kind in (BgNbd, ParetoNbd)):
        alive, expected = model.alive(seen), model.expected(seen, 365)
        assert alive[0] > 0.9
        assert alive[1] < 1e-6
        assert 300 < expected[0] < 380
        assert expected[1] < 0.01
        assert np.isfinite(type(model).loglik(model.fit.values, seen)).all()
        assert np.isfinite(model.expected(seen, 1825)).all()


def test_too_few_customers_are_refused_in_words() -> None:
    found = found_in(world(150, 1))
    assert list(found.models["status"]) == ["refused", "refused"]
    assert found.models["reason"].str.contains("150 customers with a purchase, .* 200 and 100 are needed").all()
    assert found.customers["expected_amount"].isna().all()
    assert len(found.customers) == 150


def test_nobody_buys_twice() -> None:
    rows = world(400, 2).assign(repeat_count=0, recency_days=0.0, purchase_count=1)
    found = found_in(rows)
    assert set(found.models["status"]) == {"refused"}
    assert "0 of them with a second" in found.models["reason"].iloc[0]


def test_no_customers_at_all() -> None:
    found = found_in(world(2, 1).iloc[:0])
    assert found.customers.empty
    assert set(found.models["status"]) == {"refused"}


def test_money_that_came_back_gives_everybodys_mean() -> None:
    """Returns above purchases leave a negative sum: nothing that a mean could be told from."""
    rows = world(400, 2)
    negative = rows["customer_id"] == "c00007"
    rows.loc[negative, "net_amount"] = -50.0
    rows.loc[rows["customer_id"] == "c00008", "net_amount"] = np.nan
    found = found_in(rows).customers.set_index("customer_id")
    assert (found["expected_amount"] >= 0).all()
    assert found.loc["c00007", "expected_purchase_amount"] == pytest.approx(
        found.loc["c00008", "expected_purchase_amount"]
    )


def test_all_customers_spend_the_same() -> None:
    rows = world(400, 2)
    found = found_in(rows.assign(net_amount=rows["purchase_count"] * 10.0))
    purchases, spending = found.models.to_dict("records")
    assert (purchases["status"], spending["status"]) == ("fitted", "refused")
    assert spending["reason"] == "All customers spend the same."
    assert found.customers["expected_purchase_count"].notna().all()
    assert found.customers["expected_amount"].isna().all()


def test_days_of_history_foresee_no_year() -> None:
    rows = world(400, 2).assign(age_days=10.0, recency_days=5.0)
    found = found_in(rows)
    assert found.models["reason"].iloc[0] == ("The longest history has 10 days, half of the 365 days ahead are needed.")


def test_bounds_are_the_places_that_hold_95_of_100(planted: Lifetimes) -> None:
    """Of 199 draws the fifth and the 195th: 190 of 200 places lie between them."""
    ranks = np.tile(np.arange(1, 200), (2, 1))
    assert _bounds(ranks).tolist() == [[5, 195], [5, 195]]


def test_a_history_too_short_to_be_judged_is_not() -> None:
    rows = world(400, 2)
    found = found_in(rows[~rows["is_judged"]])
    assert found.models["status"].tolist() == ["fitted", "fitted"]
    assert found.models["judged_from_date"].isna().all()


def test_a_history_with_its_last_purchase_after_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="after its end"):
        Histories.of(np.ones(1), np.array([11.0]), np.array([10.0]))


def test_a_customers_amount_by_hand() -> None:
    """p 2, q 3, v 60: everybody's mean is 2 * 60 / 2 = 60; three purchases of 100 give 2 * (60 + 300) / 8 = 90."""
    fit = GammaGamma.fitted(np.tile([1.0, 2, 3], 200), np.random.default_rng(1).gamma(3, 20, 600)).fit
    model = GammaGamma(type(fit)(fit.names, np.array([2.0, 3.0, 60.0]), fit.covariance, 0.0, True))
    expected = model.expected(np.array([0.0, 3.0]), np.array([0.0, 100.0]))
    assert expected == pytest.approx([60, 90])


def contracts(count: int, ended: int, *, periods: int = 10, amount: float = 5.0) -> pd.DataFrame:
    """`ended` contracts that lasted the periods, and others as old that run."""
    return pd.DataFrame(
        {
            "customer_id": [f"s{number:04d}" for number in range(count)],
            "subscription_id": [f"d{number:04d}" for number in range(count)],
            "billing_interval": "month",
            "period_count": periods,
            "open_days": 0.0,
            "is_canceled": False,
            "is_ended": np.arange(count) < ended,
            "recurring_amount": amount,
        }
    )


def test_contracts_that_end_alike_are_geometric() -> None:
    """20 of 100 ended in 1,000 due renewals: 2% each. Twelve renewals of 5 EUR: 5 * (0.98 + ... + 0.98^12) = 52.8."""
    found = found_in(world(2, 1).iloc[:0], contracts(100, 20))
    [row] = found.models[found.models["part"] == "contract_month"].to_dict("records")
    kept = 0.98 ** np.arange(1, 13)
    assert (row["status"], row["customer_count"], row["repeat_count"]) == ("fitted", 100, 20)
    assert row["expected_total"] == pytest.approx(80 * 5 * kept.sum(), rel=0.05)
    assert len(found.customers) == 80
    assert found.customers["model"].isna().all()
    assert (found.customers["discounted_contract_amount"] < found.customers["contract_amount"]).all()


def test_contracts_of_customers_who_differ_last_longer_the_older_they_are() -> None:
    """Half end with 50% each month, half with 1%: who was renewed often is of the loyal ones."""
    rng = np.random.default_rng(4)
    lasted = np.where(rng.random(2000) < 0.5, rng.geometric(0.5, 2000), rng.geometric(0.01, 2000)).astype(float)
    watched = rng.integers(1, 30, 2000).astype(float)
    is_ended = lasted <= watched
    model = contract_model(np.where(is_ended, lasted, watched), is_ended)
    assert model.name == "shifted_beta_geometric"
    renewals = model.renewals(np.array([0.0, 12.0]), 1)[:, 0]
    assert renewals[0] == pytest.approx(0.745, abs=0.04)
    assert renewals[1] > 0.95


def test_renewals_come_when_the_interval_that_runs_is_over() -> None:
    """In 30 days a yearly contract 350 days into its year is due, one of 300 days is not; one given notice never is.

    20 of 120 ended in 240 due renewals: 1 of 12. Two of each kind at 60 EUR: 2 * 60 * 11 / 12 = 110, half a month off.
    """
    rows = contracts(120, 20, periods=2, amount=60.0).assign(billing_interval="year", open_days=300.0)
    rows.loc[100:101, "open_days"] = 350.0
    rows.loc[102:103, ["open_days", "is_canceled"]] = [350.0, True]
    found = found_in(world(2, 1).iloc[:0], rows, horizon_days=30)
    [row] = found.models[found.models["part"] == "contract_year"].to_dict("records")
    assert row["model"] == "geometric"
    assert row["expected_total"] == pytest.approx(110, rel=0.01)
    assert found.customers["discounted_contract_amount"].sum() == pytest.approx(
        110 * 1.1 ** (-15.25 / 365.25), rel=0.01
    )


def test_contracts_of_two_sorts_are_not_taken_for_alike() -> None:
    """100 ended after one month, 100 run for 24: who got past the first renewal stays, not lost at 4% a month."""
    periods = np.repeat([1.0, 24.0], 100)
    model = contract_model(periods, np.repeat([True, False], 100))
    assert model.renewals(np.array([24.0]), 12)[0, -1] > 0.9


def test_too_few_contracts_are_refused_in_words() -> None:
    found = found_in(world(2, 1).iloc[:0], contracts(40, 20))
    assert "40 contracts, 20 ended: 50 and 15 are needed." in set(found.models["reason"])
    assert found.customers.empty
