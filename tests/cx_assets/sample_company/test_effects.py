"""Campaigns, drivers and words: effects of the stated sizes, none in the null company."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from cx_assets.sample_company.impressions import nps_scores, occasion_scores
from cx_assets.sample_company.parameters import TOUCHPOINTS, Effects

UPLIFTS = [0.40, 0.25, 0.0, 0.60, 0.15, 0.30]


def _bought(company):
    """Contacts of all campaigns with whether the customer bought in the 30 days from the contact on."""
    path = company.files / "marketing" / "contacts_*.parquet"
    contacts = duckdb.sql(
        f"""select campaign_id, arm, customer_system || ':' || customer_no as record_id,
            cast(contacted_at as date) as start_date, responded_at, response from '{path}'
        where arm in ('treatment', 'control') and customer_no is not null and contact_id not like '%X'"""
    ).df()
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    sales = company.sales()
    sales = pd.DataFrame({"customer": sales["record_id"].map(who), "sold_on": sales["sold_on"]}).drop_duplicates()
    contacts = contacts.assign(customer=contacts["record_id"].map(who))
    pairs = contacts.merge(sales, on="customer")
    days = (pairs["sold_on"] - pairs["start_date"]).dt.days
    hits = pairs.loc[(days >= 0) & (days < 30), ["campaign_id", "customer"]].drop_duplicates()
    return contacts.merge(hits.assign(has_bought=1.0), how="left").fillna({"has_bought": 0.0})


def _lift(contacts):
    """Pooled difference of the purchase shares and its standard error."""
    gains, variances, weights = [], [], []
    for _, group in contacts.groupby("campaign_id"):
        by_arm = group.groupby("arm")["has_bought"].agg(["mean", "var", "count"])
        gains.append(by_arm.loc["treatment", "mean"] - by_arm.loc["control", "mean"])
        variances.append((by_arm["var"] / by_arm["count"]).sum())
        weights.append(by_arm.loc["treatment", "count"])
    shares = np.array(weights) / sum(weights)
    return shares @ np.array(gains), np.sqrt(shares**2 @ np.array(variances))


def test_campaigns_have_the_stated_uplifts(company):
    campaigns = company.truth("campaign").sort_values("campaign_id")
    assert len(campaigns) == 24
    assert campaigns["rate_uplift"].tolist() == UPLIFTS * 4
    held_out = campaigns["control_count"].sum() / (campaigns["control_count"] + campaigns["treated_count"]).sum()
    assert held_out == pytest.approx(0.20, abs=0.01)
    expected = np.average(campaigns["purchase_probability_uplift"], weights=campaigns["treated_count"])
    measured, error = _lift(_bought(company))
    assert expected > 0.015
    assert abs(measured - expected) < 4 * error
    assert measured > 2 * error


def test_a_campaign_without_uplift_has_none(company):
    campaigns = company.truth("campaign")
    nothing = campaigns.loc[campaigns["rate_uplift"] == 0, "campaign_id"]
    contacts = _bought(company)
    measured, error = _lift(contacts[contacts["campaign_id"].isin(nothing)])
    assert abs(measured) < 4 * error


def test_campaigns_of_the_null_company_do_nothing(null_company):
    campaigns = null_company.truth("campaign")
    assert (campaigns[["rate_uplift", "purchase_probability_uplift"]] == 0).all().all()
    measured, error = _lift(_bought(null_company))
    assert abs(measured) < 4 * error


def test_nobody_held_out_answers(company):
    contacts = _bought(company)
    assert contacts.loc[contacts["arm"] == "control", "responded_at"].isna().all()


@pytest.mark.parametrize(("touchpoint", "weight"), Effects().driver_weights.items())
def test_one_standard_deviation_moves_nps_by_the_stated_weight(touchpoint, weight):
    # Far from both ends of the scale, so that clipping to 0-10 does not hide the effect.
    size, column = 40_000, TOUCHPOINTS.index(touchpoint)
    means = []
    for value in (-1.0, 1.0):
        impression = np.zeros((size, len(TOUCHPOINTS)))
        impression[:, TOUCHPOINTS.index("delivery")] = -2.2
        impression[:, column] = value + (-2.2 if touchpoint == "delivery" else 0.0)
        used = np.ones_like(impression, dtype=bool)
        means.append(nps_scores(np.random.default_rng(5), impression, used, Effects()).mean())
    assert (means[1] - means[0]) / 2 == pytest.approx(weight, abs=0.03)


def _relational(company):
    """One row per relational answer: nps and CSAT per touchpoint."""
    path = company.files / "survey" / "responses" / "*.parquet"
    rows = duckdb.sql(
        f"""select response_no, question, score from '{path}'
        where survey_type = 'relational' and score <> 99 and responded_at is not null and response_no not like '%X'"""
    ).df()
    return rows.pivot(index="response_no", columns="question", values="score")


def _slopes(wide):
    """Ordinary least squares of NPS on CSAT, left-out touchpoints at the mean; slopes and standard errors."""
    names = [f"csat_{name}" for name in TOUCHPOINTS]
    design = np.column_stack([np.ones(len(wide)), wide[names].sub(wide[names].mean()).fillna(0.0)])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ wide["nps"]
    spread = (wide["nps"] - design @ beta).var()
    return dict(zip(TOUCHPOINTS, zip(beta[1:], np.sqrt(spread * np.diag(inverse))[1:], strict=True), strict=True))


def test_answers_show_which_touchpoints_drive_nps(company):
    slopes = _slopes(_relational(company))
    # Its weight is zero; five points of a scale leave it a little of the mood that colours all impressions.
    assert abs(slopes["advertising"][0]) < 0.15
    for strong in ("delivery", "service_desk", "product"):
        assert slopes[strong][0] > 0.4
        assert slopes[strong][0] > slopes["loyalty_programme"][0]


def test_in_the_null_company_nothing_drives_nps(null_company):
    for slope, error in _slopes(_relational(null_company)).values():
        assert abs(slope) < 4 * error


def test_words_agree_with_scores(company):
    path = company.files / "survey" / "responses" / "*.parquet"
    rows = duckdb.sql(
        f"""select metric, score, verbatim, language from '{path}'
        where verbatim is not null and score <> 99"""
    ).df()
    assert set(rows["language"]) == {"de", "en", "tr", "pl", "fr"}
    bad = rows[rows["verbatim"].str.contains("Katastrophe|disaster|felaket|katastrofa|catastrophe")]
    good = rows[rows["verbatim"].str.contains("hervorragend|excellent|harika|najwyższym")]
    limits = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}
    assert len(bad) > 50
    assert len(good) > 50
    assert (bad["score"] <= bad["metric"].map({name: low for name, (low, _) in limits.items()})).all()
    assert (good["score"] >= good["metric"].map({name: high for name, (_, high) in limits.items()})).all()


def _score_by_fault(company, occasion, fault):
    """Mean, standard error and number of the scores after an occasion, without and with the fault."""
    rows = duckdb.sql(
        f"""select {fault} as is_bad, avg(r.score), stddev(r.score) / sqrt(count(*)), count(*)
        from '{company.files}/survey/responses/*.parquet' as r
        join '{company.files}/survey/invitations/*.parquet' as i using (invitation_no)
        join '{company.files}/shop/orders/*.parquet' as o on o.order_no = i.order_no
        where r.touchpoint = '{occasion}' and r.survey_type = 'transactional' and r.score <> 99
        group by 1 having is_bad is not null order by 1"""
    ).fetchall()
    assert [is_bad for is_bad, *_ in rows] == [False, True]
    return [rest for _, *rest in rows]


IS_LATE = "o.delivered_at > o.promised_at"


def test_a_late_parcel_spoils_the_delivery_score(company):
    (in_time, *_), (late, *_) = _score_by_fault(company, "delivery", IS_LATE)
    assert in_time - late > 1.0


def test_in_the_null_company_what_goes_wrong_is_not_felt(null_company):
    (in_time, error, _), (late, late_error, late_count) = _score_by_fault(null_company, "delivery", IS_LATE)
    assert late_count > 20
    assert abs(in_time - late) < 4 * np.hypot(error, late_error)


def test_in_the_null_company_service_scores_are_those_of_any_occasion():
    # Badly or well handled, a ticket scores 1 to 5 alike; with the effect 1 or 2, and 3 to 5.
    size = 40_000
    touchpoint, is_bad = np.full(size, TOUCHPOINTS.index("service_desk")), np.arange(size) % 2 == 0
    scores, _ = occasion_scores(np.random.default_rng(3), touchpoint, is_bad, np.zeros(size), 0.0, np.zeros(size))
    assert scores[is_bad].mean() == pytest.approx(scores[~is_bad].mean(), abs=0.03)
    assert set(scores[is_bad]) == set(scores[~is_bad]) == {1, 2, 3, 4, 5}
    shift = Effects().bad_shift
    felt, _ = occasion_scores(np.random.default_rng(3), touchpoint, is_bad, np.zeros(size), shift, np.zeros(size))
    assert set(felt[is_bad]) == {1, 2}
    assert set(felt[~is_bad]) == {3, 4, 5}
