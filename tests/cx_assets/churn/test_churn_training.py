"""Training on invented customers whose truth is known, and every refusal."""

import json

import numpy as np
import pandas as pd
import pytest

from cx_assets.churn.card import card_markdown
from cx_assets.churn.outcome import NotTrained, TrainedChurn
from cx_assets.churn.scoring import score
from cx_assets.churn.tables import (
    CHURN_MODEL,
    CHURN_RELIABILITY,
    CUSTOMER_CHURN,
    churn_model_row,
    reliability_rows,
)
from cx_assets.churn.training import train
from tests.cx_assets.churn.churn_worlds import OBSERVATION_DATE, SETTINGS, at_scoring_date, without_truth, world

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return world(customers=8000)


@pytest.fixture(scope="module")
def model(known) -> TrainedChurn:
    outcome = train(without_truth(known), **SETTINGS)
    assert isinstance(outcome, TrainedChurn)
    return outcome


def test_a_known_world_is_learnt_and_calibrated(model, known):
    assert model.published == "gradient_boosting"
    assert model.card["verdict"] == "beats_baseline"
    judged = model.card["test_metrics"]["gradient_boosting"]
    assert judged["expected_calibration_error"] <= judged["expected_calibration_error_by_chance_95"]
    assert judged["calibration_slope"] == pytest.approx(1, abs=0.15)
    # The AUC of the true probabilities on the same customers is the ceiling.
    test = known[known["observation_date"] == pd.Timestamp(OBSERVATION_DATE) - 30 * DAY]
    left = test["is_churned"].to_numpy(dtype=bool)
    ranks = test["truth"].rank().to_numpy()
    ceiling = (ranks[left].sum() - left.sum() * (left.sum() + 1) / 2) / (left.sum() * (~left).sum())
    assert ceiling - 0.03 < model.metrics["auc"] < ceiling + 0.005
    assert model.metrics["auc_low"] < model.metrics["auc"] < model.metrics["auc_high"]
    assert model.metrics["auc_difference"] == pytest.approx(model.metrics["auc"] - model.metrics["baseline_auc"])
    assert model.metrics["brier_score"] < model.metrics["baseline_brier_score"]


def test_windows_are_apart_and_the_last_cut_tests(model):
    windows = model.card["windows"]
    assert windows["training"]["cut_dates"] == ["2026-01-31", "2026-03-02", "2026-04-01"]
    assert windows["calibration"]["cut_dates"] == ["2026-05-01"]
    assert windows["test"]["cut_dates"] == ["2026-05-31"]
    assert model.test_cut_date.isoformat() == "2026-05-31"
    assert (model.metrics["train_count"], model.metrics["test_count"]) == (24000, 8000)


def test_scores_are_near_the_truth_for_everyone_once(model, known):
    eligible = at_scoring_date(known)
    scores = score(model, eligible, snapshot_id="s1", snapshot_sequence=1)
    assert scores.columns.tolist() == list(CUSTOMER_CHURN.columns)
    assert scores["customer_id"].tolist() == sorted(eligible["customer_id"])
    truth = eligible.sort_values("customer_id")["truth"].to_numpy()
    assert np.abs(scores["churn_probability"] - truth).mean() < 0.05
    for name in ("churn_probability", "baseline_probability"):
        assert scores[name].between(0, 1, inclusive="neither").all()
    assert set(scores["model_id"]) == {model.model_id}


def test_scores_do_not_depend_on_the_order_of_rows_or_on_other_columns(model, known):
    eligible = at_scoring_date(known)
    shuffled = without_truth(eligible).sample(frac=1, random_state=4)[sorted(without_truth(eligible).columns)]
    pd.testing.assert_frame_equal(
        score(model, shuffled, snapshot_id="s", snapshot_sequence=1),
        score(model, eligible, snapshot_id="s", snapshot_sequence=1),
    )


def test_scoring_names_broken_input(model, known):
    eligible = at_scoring_date(known)
    assert score(model, eligible.iloc[:0], snapshot_id="s", snapshot_sequence=1).empty
    with pytest.raises(ValueError, match="missing: complaint_score"):
        score(model, eligible.drop(columns="complaint_score"), snapshot_id="s", snapshot_sequence=1)
    with pytest.raises(ValueError, match="unique"):
        score(model, pd.concat([eligible, eligible.head(1)]), snapshot_id="s", snapshot_sequence=1)
    earlier = known.head(1).assign(customer_id="other")
    with pytest.raises(ValueError, match="one observation_date"):
        score(model, pd.concat([eligible, earlier]), snapshot_id="s", snapshot_sequence=1)


def test_two_trainings_are_the_same_to_the_bit_whatever_the_order():
    frame = without_truth(world(customers=800))
    first = train(frame, **SETTINGS)
    shuffled = frame.sample(frac=1, random_state=9)[list(reversed(frame.columns))]
    assert train(shuffled, **SETTINGS) == first
    assert isinstance(first, TrainedChurn)


def test_the_id_follows_the_data_and_not_todays_customers():
    frame = without_truth(world(customers=800))
    first = train(frame, **SETTINGS)
    today = frame["is_churned"].isna()
    assert train(frame[~today], **SETTINGS).model_id == first.model_id
    changed = frame.assign(recency_days=frame["recency_days"] + (frame.index == 0))
    assert train(changed, **SETTINGS).model_id != first.model_id
    assert train(frame, **SETTINGS | {"seed": 2}).model_id != first.model_id


def test_shuffled_labels_teach_nothing_and_the_card_says_so():
    frame = without_truth(world(customers=3000))
    labelled = frame["is_churned"].notna()
    frame.loc[labelled, "is_churned"] = np.random.default_rng(2).permutation(frame.loc[labelled, "is_churned"])
    outcome = train(frame, **SETTINGS)
    assert isinstance(outcome, TrainedChurn)
    # Standard error of an AUC without signal: sqrt((n + 1) / (12 n1 n0)) = 0.0106 for 1400 and 1600.
    for judged in outcome.card["test_metrics"].values():
        assert abs(judged["auc"] - 0.5) < 3 * 0.0106
        assert judged["expected_calibration_error"] < 0.05
    assert outcome.card["verdict"] == "does_not_beat_baseline"
    assert "do not beat the recency baseline" in card_markdown(outcome.card)


def test_where_only_recency_counts_the_difference_is_within_noise():
    outcome = train(without_truth(world(customers=6000, effect=0.0)), **SETTINGS)
    assert isinstance(outcome, TrainedChurn)
    rivals = outcome.card["trees_against_baseline"]
    assert rivals["low"] < 0.005
    assert abs(rivals["estimate"]) < 0.01
    assert outcome.card["verdict"] == "does_not_beat_baseline"


def test_where_the_baseline_is_published_it_is_the_probability_and_the_difference_is_none():
    frame = without_truth(world(customers=1500, effect=0.0, recency=0.05))
    # Noise in plenty and few rows: trees that chase it are worse than recency alone.
    generator = np.random.default_rng(1)
    for number in range(20):
        frame[f"noise_{number:02}_score"] = generator.normal(size=len(frame))
    outcome = train(frame, **SETTINGS)
    assert isinstance(outcome, TrainedChurn)
    assert outcome.published == "recency_baseline"
    scores = score(outcome, at_scoring_date(frame), snapshot_id="s", snapshot_sequence=1)
    assert scores["churn_probability"].equals(scores["baseline_probability"])
    assert outcome.metrics["auc"] == outcome.metrics["baseline_auc"]
    assert outcome.metrics["auc_difference"] == 0.0
    assert outcome.card["trees_against_baseline"]["estimate"] != 0.0


def test_rows_for_the_warehouse(model):
    row = churn_model_row(model, observation_date=OBSERVATION_DATE)
    assert row.columns.tolist() == list(CHURN_MODEL.columns)
    assert len(row) == 1
    assert row.loc[0, "status"] == "trained"
    assert row["reason"].isna().all()
    assert row.drop(columns="reason").notna().all(axis=None)
    assert json.loads(row.loc[0, "card"]) == model.card
    table = reliability_rows(model)
    assert table.columns.tolist() == list(CHURN_RELIABILITY.columns)
    assert table["bin"].tolist() == list(range(1, 11))
    assert table["customer_count"].sum() == row.loc[0, "test_count"]
    overall = (table["observed_share"] * table["customer_count"]).sum() / table["customer_count"].sum()
    assert overall == pytest.approx(row.loc[0, "churn_share"])


def test_null_features_and_constant_ones_are_allowed():
    frame = without_truth(world(customers=800)).assign(always_count=1, never_score=np.nan)
    frame.loc[frame.index[:50], "recency_days"] = np.nan
    outcome = train(frame, **SETTINGS)
    assert isinstance(outcome, TrainedChurn)
    assert outcome.card["constant_features_left_out"] == ["always_count", "never_score"]
    today = at_scoring_date(frame).assign(recency_days=np.nan)
    assert (
        score(outcome, today, snapshot_id="s", snapshot_sequence=1)["baseline_probability"]
        .between(0, 1, inclusive="neither")
        .all()
    )


def refused(frame) -> NotTrained:
    outcome = train(frame, **SETTINGS)
    assert isinstance(outcome, NotTrained)
    row = churn_model_row(outcome, observation_date=OBSERVATION_DATE)
    assert (row.loc[0, "status"], row.loc[0, "reason"]) == ("not_trained", outcome.reason)
    assert row["auc"].isna().all()
    assert row.columns.tolist() == list(CHURN_MODEL.columns)
    assert reliability_rows(outcome).empty
    assert outcome.reason in card_markdown(outcome.card)
    json.dumps(outcome.card, allow_nan=False)
    return outcome


def test_a_company_without_rows_is_refused():
    for rows in (
        without_truth(world(customers=5)).iloc[:0],
        pd.DataFrame(columns=["customer_id", "observation_date", "is_churned"]),
    ):
        outcome = refused(rows)
        assert outcome.code == "no_rows"
        assert "0 labelled rows" in outcome.reason
        assert (outcome.train_count, outcome.test_count, outcome.test_cut_date) == (0, 0, None)


def test_too_few_cuts_are_refused():
    outcome = refused(without_truth(world(customers=500, cuts=2)))
    assert outcome.code == "too_few_cuts"
    assert "the history has 2" in outcome.reason
    assert "1,000 labelled rows" in outcome.reason


def test_one_outcome_only_is_refused():
    frame = without_truth(world(customers=200))
    frame.loc[frame["is_churned"].notna(), "is_churned"] = True
    outcome = refused(frame)
    assert outcome.code == "one_class"
    assert outcome.reason == (
        "Every customer left, nothing tells them apart: training 600 left and 0 stayed; "
        "calibration 200 left and 0 stayed; test 200 left and 0 stayed."
    )
    assert outcome.churn_share == 1.0


def test_a_shop_where_hardly_anyone_returns_is_refused():
    frame = without_truth(world(customers=3000))
    stayed = frame["customer_id"].isin(["c000001", "c000002", "c000003"])
    frame.loc[frame["is_churned"].notna(), "is_churned"] = ~stayed[frame["is_churned"].notna()]
    outcome = refused(frame)
    assert outcome.code == "too_few_outcomes"
    assert outcome.reason == (
        "At least 100 customers must have left and 100 must have stayed in each part; found: "
        "training 8,991 left and 9 stayed; calibration 2,997 left and 3 stayed; test 2,997 left and 3 stayed."
    )
    assert (outcome.train_count, outcome.test_count) == (9000, 3000)
    assert outcome.churn_share == pytest.approx(0.999)


def test_no_features_and_constant_ones_are_refused():
    frame = without_truth(world(customers=500))
    keys = ["customer_id", "observation_date", "is_churned"]
    assert refused(frame[keys]).code == "no_features"
    assert refused(frame[[*keys, "order_count"]]).code == "no_features"
    constant = refused(frame[keys].assign(recency_days=5, order_count=1))
    assert constant.code == "constant_features"
    assert "None of the 2 features varies over the 1,500 training rows" in constant.reason


def test_time_is_guarded():
    frame = without_truth(world(customers=50))
    later = frame.head(1).assign(observation_date=pd.Timestamp(OBSERVATION_DATE) + DAY)
    with pytest.raises(ValueError, match="after the scoring date 2026-06-30"):
        train(pd.concat([frame, later]), **SETTINGS)
    with pytest.raises(ValueError, match="window of cut 2026-01-31 reaches beyond 2026-03-02"):
        train(frame, **SETTINGS | {"horizon_days": 31})
    too_late = frame[frame["observation_date"] != pd.Timestamp("2026-05-31")].assign(
        observation_date=lambda rows: rows["observation_date"].replace(
            pd.Timestamp("2026-05-01"), pd.Timestamp("2026-06-10")
        )
    )
    with pytest.raises(ValueError, match="window of cut 2026-06-10 reaches beyond 2026-06-30"):
        train(too_late, **SETTINGS)
    overlapping = frame.assign(
        observation_date=frame["observation_date"].replace(pd.Timestamp("2026-04-01"), pd.Timestamp("2026-04-02"))
    )
    with pytest.raises(ValueError, match="window of cut 2026-04-02 reaches beyond 2026-05-01"):
        train(overlapping, **SETTINGS)
    with pytest.raises(ValueError, match="null before the scoring date"):
        train(frame.assign(is_churned=pd.array([pd.NA] * len(frame), dtype="boolean")), **SETTINGS)
    with pytest.raises(ValueError, match="given on the scoring date"):
        train(frame.assign(is_churned=True), **SETTINGS)


def test_broken_form_is_named():
    frame = without_truth(world(customers=50))
    with pytest.raises(ValueError, match="unique together"):
        train(pd.concat([frame, frame.head(1)]), **SETTINGS)
    with pytest.raises(ValueError, match="missing: is_churned"):
        train(frame.drop(columns="is_churned"), **SETTINGS)
    with pytest.raises(ValueError, match="city is not numeric"):
        train(frame.assign(city="Berlin"), **SETTINGS)
    with pytest.raises(ValueError, match="order_count holds an infinite value"):
        train(frame.assign(order_count=np.inf), **SETTINGS)
