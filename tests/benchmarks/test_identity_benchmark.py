"""The benchmark of identity counts pairs as it says."""

import pytest

from tests.benchmarks.identity import scores


def test_scores_of_a_hand_made_case():
    # Found {a, b, c}, e is missing; true {a, b} {c, d, e}: 1 pair right of 3 claimed and of 1 + 3 real.
    found = {"a": "1", "b": "1", "c": "1", "d": "2"}
    truth = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "2"}
    assert scores(found, truth) == pytest.approx({"precision": 1 / 3, "recall": 1 / 4, "f1": 2 / 7})


def test_scores_without_any_pair():
    assert scores({"a": "1", "b": "2"}, {"a": "1", "b": "2"}) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
