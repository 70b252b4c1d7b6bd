"""The gate does not open for what was not looked at: no rows, unknown, throwing, missing, null, nothing declared."""

import great_expectations as gx
import pandas as pd
import pytest

from cx_assets.contracts.expectations import between, counted, landing_expectations
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


def test_an_expectation_that_the_validator_does_not_know_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(gx.expectations, "ExpectTableRowCountToEqual")
    outcome = validate_frame(ROW, landing_expectations(0.05))
    assert not outcome.is_passed
    assert (outcome.declared_count, outcome.executed_count) == (3, 0)
    assert "ExpectTableRowCountToEqual" in outcome.summary


@pytest.mark.parametrize("judged", [between, counted])
def test_an_aggregate_that_is_not_there_fails_even_where_null_is_allowed(judged) -> None:
    outcome = validate_frame(ROW, [counted("landed_count", 0, None, "x"), judged("absent", 0, 1, "It is there.")])
    assert not outcome.is_passed
    assert outcome.failures == ["absent is null: It is there."]


def test_null_passes_only_where_it_is_allowed() -> None:
    nothing = ROW.assign(landed_count=[None])
    assert validate_frame(nothing, [between("landed_count", 0, 1, "x")]).is_passed
    assert not validate_frame(nothing, [counted("landed_count", 0, 1, "x")]).is_passed


def test_a_validator_that_throws_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no batch")

    monkeypatch.setattr("cx_assets.contracts.validation._batch", broken)
    outcome = validate_frame(ROW, landing_expectations(0.05))
    assert not outcome.is_passed
    assert outcome.failures == ["The validation threw RuntimeError: no batch"]
