"""The register of a question's models: one row per model or refusal, in the order in which they came.

One row at most is current: what counts now, a model that scores or a refusal that nobody is scored by. All others
are earlier ones and stay, so that a score of the past can be traced to its model.
"""

from __future__ import annotations

import pandas as pd

CURRENT, REFUSED, EARLIER = "current", "refused", "earlier"
TRAINED, NOT_TRAINED = "trained", "not_trained"


def entered(register: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
    """The register with an outcome as the current one.

    Args:
        register: One row per model_id: status (trained or not_trained), is_current, and whatever the question
            tells of its models. May have no rows.
        outcome: One row of the same columns, is_current true. A model_id that is there already is replaced:
            the same id is the same model.

    Returns:
        One row per model_id, earlier ones first, one of them current. The inputs are unchanged.

    Raises:
        ValueError: The outcome is not one row, or not current.
    """
    if len(outcome) != 1 or not outcome["is_current"].all():
        raise ValueError("one outcome at a time is entered, as the current one")
    if register.empty:
        return outcome
    others = register[~register["model_id"].isin(outcome["model_id"])].assign(is_current=False)
    return pd.concat([others, outcome], ignore_index=True)


def standing(register: pd.DataFrame) -> pd.Series:
    """For each row: current (it scores), refused (it is current and scores nobody) or earlier."""
    words = pd.Series(EARLIER, index=register.index, dtype="str")
    is_current = register["is_current"].astype("bool")
    words[is_current & (register["status"] == TRAINED)] = CURRENT
    words[is_current & (register["status"] == NOT_TRAINED)] = REFUSED
    return words


def current_model(register: pd.DataFrame) -> pd.Series | None:
    """The row of the model that scores; null where there is none, or the newest outcome is a refusal.

    Raises:
        ValueError: More than one row is current.
    """
    if register["is_current"].sum() > 1:
        raise ValueError("more than one outcome is current")
    rows = register[standing(register) == CURRENT]
    return None if rows.empty else rows.iloc[0]
