"""The churn truth: calibrated oracles, room above a recency rule, hidden hazard, effects of the stated sizes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

EFFECTS = {
    "has_late_delivery": 1.2,
    "has_open_complaint": 1.6,
    "has_low_service": 1.2,
    "has_silent_disappointment": 2.2,
    "relationship": -0.6,
    "took_tour": -0.7,
}


def _past(company):
    cuts = company.truth("customer_cut")
    return cuts[cuts["is_churned"].notna()].assign(is_churned=lambda rows: rows["is_churned"].astype(bool))


def _recency(company, rows):
    """Days since the last purchase on or before the cut, from the files."""
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    sales = company.sales()
    sales = sales.assign(true_customer_id=sales["record_id"].map(who))
    parts = []
    for cut, group in rows.groupby("cut_date"):
        last = sales.loc[sales["sold_on"] <= cut].groupby("true_customer_id")["sold_on"].max()
        days = (cut - last.reindex(group["true_customer_id"])).dt.days.to_numpy()
        parts.append(pd.Series(days, index=group.index))
    return pd.concat(parts).reindex(rows.index)


def test_outcome_and_eligibility_are_those_of_the_files(company):
    rows = _past(company)
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    sales = company.sales()
    sales = sales.assign(true_customer_id=sales["record_id"].map(who))
    recency = _recency(company, rows)
    # The last period's late lines are elsewhere, so its outcome is checked on the cuts before.
    for cut, group in rows.groupby("cut_date"):
        assert (recency[group.index] < 90).eq(group["is_eligible"]).all()
        if cut == rows["cut_date"].max():
            continue
        window = sales[(sales["sold_on"] > cut) & (sales["sold_on"] <= cut + pd.Timedelta(days=30))]
        is_silent = ~group["true_customer_id"].isin(window["true_customer_id"])
        assert is_silent.eq(group["is_churned"]).all()


def test_cuts_are_thirty_days_apart_and_the_last_has_no_outcome(company):
    cuts = company.truth("customer_cut")
    dates = sorted(cuts["cut_date"].unique())
    assert len(dates) == 9
    assert pd.Timestamp(dates[-1]) == pd.Timestamp("2026-06-30")
    assert {(later - earlier).days for earlier, later in pairwise(dates)} == {30}
    last = cuts[cuts["cut_date"] == dates[-1]]
    assert last["is_churned"].isna().all()
    assert last["has_left"].isna().all()


@pytest.mark.parametrize("column", ["churn_probability_observable", "churn_probability_full"])
def test_oracles_are_calibrated(company, column):
    rows = _past(company).query("is_eligible")
    for _, group in rows.groupby(pd.cut(rows[column], np.linspace(0, 1, 11)), observed=True):
        expected, n = group[column].mean(), len(group)
        error = np.sqrt(expected * (1 - expected) / n)
        assert abs(group["is_churned"].mean() - expected) < 4.5 * error + 1e-9


def test_recency_rule_stays_below_what_can_be_seen_and_that_below_everything(company):
    rows = _past(company).query("is_eligible")
    recency = _recency(company, rows)
    share = rows["is_churned"].mean()
    assert 0.25 < share < 0.62
    rule = roc_auc_score(rows["is_churned"], recency)
    observable = roc_auc_score(rows["is_churned"], rows["churn_probability_observable"])
    full = roc_auc_score(rows["is_churned"], rows["churn_probability_full"])
    assert rule > 0.55
    assert observable - rule >= 0.05
    assert full - observable >= 0.03


def _log_odds(rows, customers):
    """Logistic regression of leaving on experiences and relationship, given newness and cohort: estimates, errors."""
    joined = rows["true_customer_id"].map(customers.set_index("true_customer_id")["join_date"])
    tenure = (rows["cut_date"] - joined).dt.days
    # Periods of 30 days from 2023-07-17 on: the tour counts from the second to the sixth after the one of joining.
    begin = pd.Timestamp("2023-07-17")
    age = (rows["cut_date"] + pd.Timedelta(days=1) - begin).dt.days // 30 - (joined - begin).dt.days // 30
    toured = rows["true_customer_id"].map(customers.set_index("true_customer_id")["is_onboarded"])
    rows = rows.assign(took_tour=toured & (joined >= begin) & age.between(2, 6))
    months = joined.dt.month.isin([11, 12])
    design = np.column_stack(
        [np.ones(len(rows)), *[rows[name] for name in EFFECTS], tenure < 90, months & (joined.dt.year >= 2023)]
    ).astype(float)
    left = rows["has_left"].astype(float).to_numpy()

    def loss(beta):
        odds = design @ beta
        return np.logaddexp(0, odds).sum() - left @ odds

    def slope(beta):
        return design.T @ (1 / (1 + np.exp(-(design @ beta))) - left)

    beta = minimize(loss, np.zeros(design.shape[1]), jac=slope, method="BFGS").x
    p = 1 / (1 + np.exp(-(design @ beta)))
    error = np.sqrt(np.diag(np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design)))
    return dict(zip(EFFECTS, zip(beta[1:7], error[1:7], strict=True), strict=True))


def test_experiences_raise_the_log_odds_of_leaving_by_the_stated_amounts(company):
    rows = _past(company).query("is_active")
    for name, (estimate, error) in _log_odds(rows, company.truth("customer")).items():
        assert error < 0.35, name
        assert abs(estimate - EFFECTS[name]) < 4 * error, name


def test_in_the_null_company_experiences_move_nothing(null_company):
    rows = _past(null_company).query("is_active")
    for name, (estimate, error) in _log_odds(rows, null_company.truth("customer")).items():
        assert abs(estimate) < 4 * error, name


def test_in_the_null_company_hazard_differs_only_by_tenure_and_cohort(null_company):
    rows = _past(null_company).query("is_active")
    assert rows["hazard_full"].nunique() <= 4
    assert np.allclose(rows["hazard_full"], rows["hazard_observable"])


def test_part_of_the_hazard_is_hidden(company):
    rows = _past(company).query("is_active")
    silent = rows["has_silent_disappointment"]
    more = rows["hazard_full"] - rows["hazard_observable"]
    assert more[~silent].mean() < 0 < more[silent].mean()
    assert more[silent].mean() > 0.15
    # Over all of them the observable hazard is right.
    assert abs(more.mean()) < 4.5 * more.std() / np.sqrt(len(more))
