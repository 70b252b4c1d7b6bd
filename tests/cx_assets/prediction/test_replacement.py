"""Keep, replace or refuse: one fact changed at a time, from a model that still holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cx_assets.prediction.replacement import Action, Candidate, CurrentModel, Decision, decide

TODAY = date(2026, 6, 30)
CURRENT = CurrentModel("m1", TODAY - timedelta(days=6), {"horizon_days": 30}, frozenset({"a", "b"}))
CANDIDATE = Candidate(TODAY, {"horizon_days": 30}, frozenset({"a", "b", "c"}))


def test_a_model_that_holds_is_kept():
    assert decide(CURRENT, CANDIDATE) == Decision(Action.KEEP, "Model m1, 6 days old, still holds.")
    assert decide(replace(CURRENT, trained_on=TODAY), CANDIDATE).action == "keep"


FAULTS = [
    ({"trained_on": date(2026, 6, 23)}, {}, "The current model is 7 days old; 7 are too many."),
    ({"trained_on": date(2026, 7, 1)}, {}, "The current model was trained on 2026-07-01, after 2026-06-30."),
    (
        {"question": {"horizon_days": 60}},
        {},
        "The current model answers horizon_days 60; asked is horizon_days 30.",
    ),
    ({"features": None, "damage": "cut short"}, {}, "The current model's files are not whole: cut short."),
    (
        {"features": frozenset({"a", "z", "y"})},
        {},
        "Features of the current model are no longer made: y, z.",
    ),
    (
        {"is_same_basis": False},
        {},
        "The tables that the current model learned from were built anew, or it is not known from what.",
    ),
    ({}, {"is_requested": True}, "A new model was asked for."),
]


@pytest.mark.parametrize(("current", "candidate", "reason"), FAULTS)
def test_each_fault_alone_replaces_it(current, candidate, reason):
    found = decide(replace(CURRENT, **current), replace(CANDIDATE, **candidate))
    assert found == Decision(Action.REPLACE, reason)


@pytest.mark.parametrize(("current", "candidate", "reason"), FAULTS)
def test_where_nothing_could_be_trained_both_are_refused(current, candidate, reason):
    found = decide(replace(CURRENT, **current), replace(CANDIDATE, **candidate, refusal="Two cuts."))
    assert found == Decision(Action.REFUSE, f"{reason} None could be trained: Two cuts.")


def test_without_a_current_model_one_is_due():
    assert decide(None, CANDIDATE) == Decision(Action.REPLACE, "There is no current model.")
    assert decide(None, replace(CANDIDATE, refusal="No rows.")).action is Action.REFUSE


def test_the_age_is_the_callers_to_set():
    assert decide(CURRENT, CANDIDATE, maximum_age_days=6).action is Action.REPLACE
    old = replace(CURRENT, trained_on=TODAY - timedelta(days=29))
    assert decide(old, CANDIDATE, maximum_age_days=30).action is Action.KEEP
