"""Whether the current model stays, gives way, or nobody is scored: decided from facts alone, with the reason in words.

The rule today is one of age and validity: a model that still holds is kept, and one that does not gives way to
whatever training ends in, better or not. A contest of the two on the candidate's test cut (champion and challenger)
would be one more clause before the last of decide, and one more fact of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAXIMUM_AGE_DAYS = 7


class Action(StrEnum):
    """What becomes of the current model."""

    KEEP = "keep"
    REPLACE = "replace"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    """An action and why."""

    action: Action
    reason: str


@dataclass(frozen=True)
class CurrentModel:
    """The model that scores now.

    Attributes:
        model_id: Its id.
        trained_on: Observation date on which it was trained.
        question: What it answers, such as its horizon in days, by name.
        features: Columns that it reads; null where its files are not whole.
        damage: What is wrong with its files; null where they are whole.
        is_same_basis: Whether the tables that it learned from still stand and were only added to: by the same
            code and mapping, from no replaced landing.
    """

    model_id: str
    trained_on: date
    question: Mapping[str, object]
    features: frozenset[str] | None
    damage: str | None = None
    is_same_basis: bool = True


@dataclass(frozen=True)
class Candidate:
    """The model that would be trained today, or was.

    Attributes:
        trained_on: Observation date of today.
        question: What is asked now, by name.
        features: Columns that are made now.
        is_requested: Whether somebody wants a new model whatever the current one's age.
        refusal: Why training ended without a model; null before training and where it ended with one.
    """

    trained_on: date
    question: Mapping[str, object]
    features: frozenset[str]
    is_requested: bool = False
    refusal: str | None = None


def decide(current: CurrentModel | None, candidate: Candidate, *, maximum_age_days: int = MAXIMUM_AGE_DAYS) -> Decision:
    """Keep the current model, replace it by the candidate, or refuse both.

    Asked before training, replace says that training is due; asked afterwards with the candidate's refusal, refuse
    says that no model scores until one can be trained: an old model that does not hold is not brought back.

    Args:
        current: The model that scores; null where there is none.
        candidate: The model that would be trained.
        maximum_age_days: A current model of this age in days is trained anew; one from after the candidate's
            date is, too.
    """
    fault = "A new model was asked for." if candidate.is_requested else _fault(current, candidate, maximum_age_days)
    if fault is None and current is not None:
        age = (candidate.trained_on - current.trained_on).days
        return Decision(Action.KEEP, f"Model {current.model_id}, {age} days old, still holds.")
    if candidate.refusal is not None:
        return Decision(Action.REFUSE, f"{fault} None could be trained: {candidate.refusal}")
    return Decision(Action.REPLACE, str(fault))


def _fault(current: CurrentModel | None, candidate: Candidate, maximum_age_days: int) -> str | None:
    """Why the current model does not hold; null where it does."""
    if current is None:
        return "There is no current model."
    if not current.is_same_basis:
        return "The tables that the current model learned from were built anew, or it is not known from what."
    if current.question != candidate.question:
        return f"The current model answers {_told(current.question)}; asked is {_told(candidate.question)}."
    age = (candidate.trained_on - current.trained_on).days
    if age < 0:
        return f"The current model was trained on {current.trained_on}, after {candidate.trained_on}."
    if age >= maximum_age_days:
        return f"The current model is {age} days old; {maximum_age_days} are too many."
    if current.features is None:
        return f"The current model's files are not whole: {current.damage}."
    gone = sorted(current.features - candidate.features)
    return f"Features of the current model are no longer made: {', '.join(gone)}." if gone else None


def _told(question: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(question.items()))
