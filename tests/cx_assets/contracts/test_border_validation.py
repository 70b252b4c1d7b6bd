"""What an expectation or the validator itself does wrong closes the gate."""

import great_expectations as gx
import pandas as pd
import pytest

from cx_assets.contracts import validation
from cx_assets.contracts.expectations import between, counted
from cx_assets.contracts.validation import validate_frame

ONE = pd.DataFrame({"row_count": [3], "share": [0.02]})
HOLDS = [counted("row_count", 1, None, "Rows."), counted("share", 0, 0.05, "Share.")]


@pytest.mark.parametrize(
    ("frame", "expectations", "told"),
    [
        (ONE, [*HOLDS, between("share", 2, 1, "Upside down.")], "share"),
        (ONE, [*HOLDS, between("share", "x", 1, "A word.")], "The validation threw ValueError"),
        (ONE.assign(share="many"), HOLDS, "The validation threw ValueError"),
        (pd.DataFrame(index=[0]), HOLDS, "No row"),
    ],
    ids=["unbuildable", "word", "text", "no_columns"],
)
def test_what_cannot_be_judged_has_failed(frame, expectations, told):
    outcome = validate_frame(frame, expectations)
    assert not outcome.is_passed
    assert told in outcome.summary


def test_an_expectation_that_throws_has_failed(monkeypatch):
    def throw(*_args, **_kwargs):
        raise RuntimeError("out of order")

    monkeypatch.setattr(gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB, "_validate", throw)
    outcome = validate_frame(ONE, HOLDS)
    assert not outcome.is_passed
    assert outcome.executed_count < outcome.declared_count
    assert "out of order" in outcome.summary


def test_a_validator_that_answers_nothing_has_failed(monkeypatch):
    class Silent:
        results: tuple[object, ...] = ()

        def validate(self, _suite):
            return self

    monkeypatch.setattr(validation, "_batch", lambda *_args: Silent())
    outcome = validate_frame(ONE, HOLDS)
    assert not outcome.is_passed
    assert outcome.summary == "0 of 2 expectations executed; not every declared expectation was executed."
