"""The register: one row a model or refusal, one of them current."""

import pandas as pd
import pytest

from cx_assets.prediction.register import current_model, entered, standing


def outcome(model_id, status="trained", is_current=True, auc=0.7):
    return pd.DataFrame([{"model_id": model_id, "status": status, "is_current": is_current, "auc": auc}])


def test_the_newest_outcome_is_current_and_earlier_ones_stay():
    first = entered(outcome("a").head(0), outcome("a"))
    second = entered(first, outcome("b"))
    assert second["model_id"].tolist() == ["a", "b"]
    assert standing(second).tolist() == ["earlier", "current"]
    assert current_model(second)["model_id"] == "b"
    assert first["is_current"].tolist() == [True]


def test_a_refusal_counts_now_and_scores_nobody():
    register = entered(outcome("a"), outcome("b", "not_trained", auc=None))
    assert standing(register).tolist() == ["earlier", "refused"]
    assert current_model(register) is None
    again = entered(register, outcome("c"))
    assert standing(again).tolist() == ["earlier", "earlier", "current"]


def test_the_same_model_trained_again_has_one_row():
    register = entered(entered(outcome("a"), outcome("b")), outcome("a", auc=0.8))
    assert register["model_id"].tolist() == ["b", "a"]
    assert register["auc"].tolist() == [0.7, 0.8]
    assert standing(register).tolist() == ["earlier", "current"]


def test_an_empty_register_has_no_model():
    assert current_model(outcome("a").head(0)) is None


def test_broken_registers_are_named():
    with pytest.raises(ValueError, match="one outcome at a time"):
        entered(outcome("a"), pd.concat([outcome("b"), outcome("c")]))
    with pytest.raises(ValueError, match="as the current one"):
        entered(outcome("a"), outcome("b", is_current=False))
    with pytest.raises(ValueError, match="more than one outcome is current"):
        current_model(pd.concat([outcome("a"), outcome("b")]))
