"""What an expectation or the validator itself does wrong closes the gate."""

import great_expectations as gx
import pandas as pd
import pytest

from cx_assets.contracts import validation
from cx_assets.contracts.expectations import between, counted
from cx_assets.contracts.validation import validate_frame, validate_frames

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


def test_rows_that_hold_are_judged_together(monkeypatch):
    judged = []
    judge = validation._judged
    monkeypatch.setattr(validation, "_judged", lambda gx, rows: judged.append(len(rows)) or judge(gx, rows))
    outcomes = validate_frames([(ONE, HOLDS), (ONE, HOLDS[:1])])
    assert [(outcome.declared_count, outcome.executed_count, outcome.failures) for outcome in outcomes] == [
        (2, 2, []),
        (1, 1, []),
    ]
    assert judged == [3]


@pytest.mark.parametrize(
    ("frame", "expectations", "told"),
    [
        (ONE.assign(share=0.5), HOLDS, "share is 0.5: Share."),
        (ONE.head(0), HOLDS, "No row was there to look at."),
        (ONE, [], "No expectation is declared."),
        (ONE.assign(share="many"), HOLDS, "The validation threw ValueError"),
        (ONE.assign(share=None), HOLDS, "share is null: Share."),
    ],
    ids=["broken", "empty", "nothing_declared", "text", "null"],
)
def test_one_row_that_fails_among_others_is_named_and_the_others_pass(frame, expectations, told):
    first, failed, last = validate_frames([(ONE, HOLDS), (frame, expectations), (ONE, HOLDS)])
    assert first.is_passed
    assert last.is_passed
    assert not failed.is_passed
    assert told in failed.summary


def test_a_validator_that_throws_or_answers_nothing_fails_every_row(monkeypatch):
    def throw(*_args, **_kwargs):
        raise RuntimeError("out of order")

    monkeypatch.setattr(validation, "_batch", throw)
    assert [outcome.executed_count for outcome in validate_frames([(ONE, HOLDS), (ONE, HOLDS)])] == [0, 0]
    monkeypatch.undo()
    monkeypatch.setattr(validation, "_judged", lambda *_args: ([], []))
    assert not any(outcome.is_passed for outcome in validate_frames([(ONE, HOLDS), (ONE, HOLDS)]))
