"""The gate does not open for what was not looked at: no rows, unknown, throwing, missing, null, nothing declared."""

import pandas as pd
import pytest

from cx_assets.contracts.expectations import Expectation, between, counted, landing_expectations
from cx_assets.contracts.validation import validate_frame

ROW = pd.DataFrame({"landed_count": [10], "difference_count": [0], "quarantined_share": [0.02]})


def test_all_expectations_hold() -> None:
    outcome = validate_frame(ROW, landing_expectations(0.05))
    assert outcome.is_passed
    assert (outcome.declared_count, outcome.executed_count, outcome.failures) == (3, 3, [])


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("landed_count", -1, "landed_count is -1.0: The manifests state how many rows landed."),
        (
            "difference_count",
            1,
            "difference_count is 1.0: The Parquet files hold other rows than their manifests state.",
        ),
        ("quarantined_share", 0.06, "quarantined_share is 0.06: More rows of the source were refused than"),
    ],
)
def test_each_landing_rule_fails_when_broken(column: str, value: float, sentence: str) -> None:
    outcome = validate_frame(ROW.assign(**{column: [value]}), landing_expectations(0.05))
    assert not outcome.is_passed
    assert len(outcome.failures) == 1
    assert outcome.failures[0].startswith(sentence)


def test_a_null_aggregate_fails_although_bounds_ignore_null() -> None:
    outcome = validate_frame(ROW.assign(landed_count=[None]), landing_expectations(0.05))
    assert not outcome.is_passed
    assert outcome.failures == ["landed_count is null: The manifests state how many rows landed."]


def test_a_frame_without_rows_fails() -> None:
    outcome = validate_frame(ROW.head(0), landing_expectations(0.05))
    assert not outcome.is_passed
    assert (outcome.executed_count, outcome.failures) == (0, ["No row was there to look at."])


def test_no_declared_expectation_fails() -> None:
    assert not validate_frame(ROW, []).is_passed


def test_an_unknown_expectation_fails() -> None:
    outcome = validate_frame(ROW, [*landing_expectations(0.05), Expectation("ExpectMiracles", "landed_count")])
    assert not outcome.is_passed
    assert (outcome.declared_count, outcome.executed_count) == (4, 3)
    assert "Unknown expectation ExpectMiracles on landed_count." in outcome.failures


def test_a_missing_column_throws_inside_and_fails() -> None:
    outcome = validate_frame(ROW, [counted("landed_count", 0, None, "x"), between("absent", 0, 1, "x")])
    assert not outcome.is_passed
    assert (outcome.declared_count, outcome.executed_count) == (2, 1)
    assert outcome.failures[0].startswith("absent: the expectation threw:")


def test_a_validator_that_throws_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no batch")

    monkeypatch.setattr("cx_assets.contracts.validation._batch", broken)
    outcome = validate_frame(ROW, landing_expectations(0.05))
    assert not outcome.is_passed
    assert outcome.failures == ["The validation threw RuntimeError: no batch"]
