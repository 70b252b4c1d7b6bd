"""Weights for non-response, on strata whose answer shares are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_assets.feedback.weights import response_weights


def invitations(**shares: tuple[int, int]) -> pd.DataFrame:
    """Invited and answered of each touchpoint."""
    rows = [
        {"touchpoint": touchpoint, "is_answered": number < answered}
        for touchpoint, (invited, answered) in shares.items()
        for number in range(invited)
    ]
    frame = pd.DataFrame(rows).assign(survey_type="transactional", channel="email", purchase_count=1)
    frame["invitation_id"] = [f"i{number:05d}" for number in range(len(frame))]
    nothing = dict.fromkeys(("days_since_purchase", "earlier_mean_point"), np.nan)
    return frame.assign(earlier_invitation_count=0, earlier_answer_count=0, days_open=100, **nothing)


def test_an_answer_stands_for_those_alike_who_were_silent() -> None:
    """A half and a quarter answer: one stands for two, the other for four; 0.75 and 1.5 when they are 1 on average.

    Spread: 300 * (200 * 0.75^2 + 100 * 1.5^2) / 300^2 = 1.125.
    """
    weights, models = response_weights(invitations(store=(400, 200), web=(400, 100)), largest_weight=5.0)
    [model] = models.to_dict("records")
    assert sorted(set(weights["weight"].round(2))) == [0.75, 1.5]
    assert weights["weight"].sum() == pytest.approx(300)
    assert (model["status"], model["invitation_count"], model["answered_count"]) == ("weighted", 800, 300)
    assert model["design_effect"] == pytest.approx(1.125, abs=0.005)
    assert model["limited_count"] == 0


def test_the_largest_weight_is_limited_and_counted() -> None:
    """A half and a twentieth answer: twenty is ten times two, more than four times."""
    weights, models = response_weights(invitations(store=(1000, 500), web=(1000, 50)), largest_weight=4.0)
    assert models["limited_count"].tolist() == [50]
    assert weights["weight"].max() / weights["weight"].min() == pytest.approx(4.0, rel=1e-6)


def test_the_silence_of_the_last_days_teaches_nothing() -> None:
    """Of the store's older half 200 answer; the younger 400 have had no time. Weights as if they were not there."""
    frame = invitations(store=(800, 200), web=(400, 100))
    younger = (frame["touchpoint"] == "store") & (frame.index >= 400)
    weights, models = response_weights(frame.assign(days_open=np.where(younger, 13, 14)), largest_weight=5.0)
    assert sorted(set(weights["weight"].round(2))) == [0.75, 1.5]
    assert models["invitation_count"].tolist() == [800]


@pytest.mark.parametrize("shares", [{"store": (400, 200)}, {"store": (2000, 50)}, {"store": (2000, 1990)}])
def test_too_little_to_learn_from_is_refused_in_words(shares: dict[str, tuple[int, int]]) -> None:
    weights, models = response_weights(invitations(**shares), largest_weight=5.0)
    assert weights.empty
    assert models["status"].tolist() == ["refused"]
    assert "at least 500 are needed" in models["reason"].iloc[0]


def test_no_invitations_no_rows() -> None:
    weights, models = response_weights(invitations(store=(1, 0)).iloc[:0], largest_weight=5.0)
    assert weights.empty
    assert models.empty


def test_a_planted_bias_goes_and_the_order_of_rows_does_not_matter() -> None:
    """Frequent buyers are happier and answer more: of three strata 20, 50 and 80% are happy, 10, 30 and 60% answer."""
    rng = np.random.default_rng(5)
    purchases = rng.choice([0, 3, 9], 6000)
    happy = rng.random(6000) < pd.Series(purchases).map({0: 0.2, 3: 0.5, 9: 0.8})
    frame = invitations(store=(6000, 0)).assign(purchase_count=purchases)
    frame["is_answered"] = rng.random(6000) < pd.Series(purchases).map({0: 0.1, 3: 0.3, 9: 0.6})
    weights, _ = response_weights(frame, largest_weight=10.0)
    again, _ = response_weights(frame.sample(frac=1, random_state=1), largest_weight=10.0)
    pd.testing.assert_frame_equal(weights, again)
    answers = weights.set_index("invitation_id")["weight"].reindex(frame["invitation_id"]).to_numpy()
    mask = frame["is_answered"].to_numpy()
    assert happy[mask].mean() > happy.mean() + 0.1
    assert np.average(happy[mask], weights=answers[mask]) == pytest.approx(happy.mean(), abs=0.02)
