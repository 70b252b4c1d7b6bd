"""Rows in order, apart in time, cut into three: lead scores as the example, whose columns nobody here knows."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from cx_assets.prediction.feature_rows import Columns, content_id, labelled_rows, rows_to_score
from cx_assets.prediction.time_cuts import (
    Cuts,
    Refusal,
    cut_by_time,
    refuse_features,
    refuse_outcomes,
    varying_features,
    windows,
)

COLUMNS = Columns(unit="lead_id", date="asked_on", label="has_bought")
FEATURES = ["visit_count", "form_score"]
TODAY = date(2026, 5, 1)
CUTS = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]


def leads(count=4, cuts=CUTS):
    """`count` leads on each cut and today; every second one buys."""
    rows = [
        {
            "lead_id": f"l{number}",
            "asked_on": pd.Timestamp(cut),
            "has_bought": None if cut == "2026-05-01" else number % 2 == 0,
            "visit_count": number,
            "form_score": number / 2,
        }
        for cut in [*cuts, "2026-05-01"]
        for number in range(count)
    ]
    return pd.DataFrame(rows).astype({"has_bought": "boolean"})


def labelled(rows=None, **settings):
    settings = {"scoring_date": TODAY, "horizon_days": 28, **settings}
    return labelled_rows(leads() if rows is None else rows, COLUMNS, FEATURES, **settings)


def test_rows_are_ordered_by_date_and_unit_whatever_the_order_they_came_in():
    found = labelled(leads().sample(frac=1, random_state=3))
    assert found.columns.tolist() == ["lead_id", "asked_on", "has_bought", *FEATURES]
    assert found["lead_id"].tolist() == ["l0", "l1", "l2", "l3"] * 4
    assert found["has_bought"].tolist() == [1.0, 0.0] * 8
    pd.testing.assert_frame_equal(found, labelled())


def test_columns_tell_features_from_the_rest():
    assert COLUMNS.features_of(leads()) == ["form_score", "visit_count"]


def test_the_last_cut_tests_and_the_one_before_calibrates():
    cuts = cut_by_time(labelled(), "asked_on")
    assert isinstance(cuts, Cuts)
    told = windows(cuts, date_column="asked_on", label="has_bought")
    assert told["training"] == {"cut_dates": CUTS[:2], "row_count": 8, "positive_share": 0.5}
    assert told["calibration"] == {"cut_dates": [CUTS[2]], "row_count": 4, "positive_share": 0.5}
    assert told["test"] == {"cut_dates": [CUTS[3]], "row_count": 4, "positive_share": 0.5}


@pytest.mark.parametrize(
    ("horizon_days", "embargo_days"),
    [(28, 0), (21, 7)],  # 1 February and 28 days are 1 March: the next cut may begin then
)
def test_windows_that_end_with_the_next_cut_are_apart(horizon_days, embargo_days):
    assert len(labelled(horizon_days=horizon_days, embargo_days=embargo_days)) == 16


def test_a_window_or_its_embargo_that_reaches_into_the_next_cut_is_named():
    with pytest.raises(ValueError, match=r"^the label's window of cut 2026-02-01 reaches beyond 2026-03-01$"):
        labelled(horizon_days=29)
    with pytest.raises(ValueError, match="window with 8 days of embargo of cut 2026-02-01 reaches beyond 2026-03-01"):
        labelled(horizon_days=21, embargo_days=8)


def test_labels_are_given_before_today_only():
    with pytest.raises(ValueError, match="has_bought is given on the scoring date 2026-05-01"):
        labelled(leads().fillna({"has_bought": True}))
    with pytest.raises(ValueError, match="has_bought is null before the scoring date 2026-05-01"):
        labelled(leads().assign(has_bought=pd.array([pd.NA] * 20, dtype="boolean")))
    with pytest.raises(ValueError, match="a feature row lies after the scoring date 2026-04-30"):
        labelled(scoring_date=date(2026, 4, 30))


def test_broken_form_is_named_by_the_callers_columns():
    with pytest.raises(ValueError, match="columns are missing: lead_id, has_bought"):
        labelled(leads().drop(columns=["lead_id", "has_bought"]))
    with pytest.raises(ValueError, match="lead_id and asked_on must be given and unique together"):
        labelled(pd.concat([leads(), leads().head(1)]))
    with pytest.raises(ValueError, match="features are missing: form_score"):
        labelled(leads().drop(columns="form_score"))
    with pytest.raises(ValueError, match="visit_count holds an infinite value"):
        labelled(leads().assign(visit_count=np.inf))


def test_rows_to_score_are_those_of_one_date_once():
    today = leads()[lambda rows: rows["asked_on"] == "2026-05-01"]
    assert rows_to_score(today.iloc[::-1], COLUMNS)["lead_id"].tolist() == ["l0", "l1", "l2", "l3"]
    assert rows_to_score(today.head(0), COLUMNS).empty
    with pytest.raises(ValueError, match="lead_id must be given and unique"):
        rows_to_score(pd.concat([today, today]), COLUMNS)
    with pytest.raises(ValueError, match="scoring takes one asked_on"):
        rows_to_score(leads().drop_duplicates("asked_on").assign(lead_id=list("abcde")), COLUMNS)


def test_too_little_history_is_refused():
    nothing = cut_by_time(labelled(leads().head(0)), "asked_on")
    assert isinstance(nothing, Refusal)
    assert nothing.code == "no_rows"
    two = cut_by_time(labelled(leads(cuts=CUTS[:2])), "asked_on")
    assert two == Refusal(
        "too_few_cuts",
        "Training, calibration and test need three cuts; the history has 2 whose horizon has passed, "
        "with 8 labelled rows.",
    )


def test_outcomes_that_teach_nothing_are_refused_with_their_counts():
    few = cut_by_time(labelled(), "asked_on")
    assert refuse_outcomes(few, "has_bought") == Refusal(
        "too_few_outcomes",
        "Each part needs 100 positive and as many negative rows; found: training 4 and 4; calibration 2 and 2; "
        "test 2 and 2.",
        {"training": (4, 4), "calibration": (2, 2), "test": (2, 2)},
    )
    alike = cut_by_time(labelled().assign(has_bought=0.0), "asked_on")
    assert refuse_outcomes(alike, "has_bought").reason == (
        "Every row is negative; positive and negative rows: training 0 and 8; calibration 0 and 4; test 0 and 4."
    )
    enough = cut_by_time(labelled(leads(count=200)), "asked_on")
    assert refuse_outcomes(enough, "has_bought") is None


def test_features_that_teach_nothing_are_refused():
    train = labelled().assign(always=1.0)
    assert varying_features(train, ["always", *FEATURES]) == FEATURES
    assert refuse_features(train, FEATURES, baseline_feature="visit_count") is None
    assert refuse_features(train, [], baseline_feature="visit_count").code == "no_features"
    without = refuse_features(train, ["always"], baseline_feature="visit_count")
    assert without.reason == "The feature table has no visit_count, on which the baseline rests."
    constant = refuse_features(train, ["always"], baseline_feature="always")
    assert constant == Refusal("constant_features", "None of the 1 features varies over the 16 training rows.")


def test_the_id_follows_rows_and_parameters():
    def id_of(rows, parameters, prefix="lead"):
        return content_id(rows, COLUMNS, FEATURES, parameters, prefix=prefix)

    first = id_of(labelled(), {"seed": 1})
    assert first.startswith("lead_")
    assert len(first) == len("lead_") + 12
    assert id_of(labelled(), {"seed": 1}) == first
    assert id_of(labelled(), {"seed": 2}) != first
    changed = labelled()
    changed.loc[0, "form_score"] = 9.0
    assert id_of(changed, {"seed": 1}) != first
