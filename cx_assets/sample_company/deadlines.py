"""How urgent a ticket is, which priority the desk gives it, and whether its first answer keeps the deadline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cx_assets.sample_company.behaviour import Flags
from cx_assets.sample_company.morale import UNITS
from cx_assets.sample_company.timeline import HOUR, Floats, Ints
from cx_assets.sample_company.voice_parameters import DeskRates

PRIORITIES = ("low", "normal", "high", "urgent")
# Unit that answers tickets of each category, in the order of `experience.CATEGORIES`.
_ANSWERED_BY = ("logistics", "assortment", "sales", "logistics", "stores", "service")
ANSWERING_UNIT = np.array([list(UNITS).index(unit) for unit in _ANSWERED_BY])
# Of the deadline: the earliest answer, and how far the latest one is beyond it.
_EARLIEST, _BEYOND = 0.05, 2.0


@dataclass(frozen=True)
class Handling:
    """How tickets are handled (one entry per ticket).

    Attributes:
        urgency: Index into PRIORITIES: how urgent it is.
        priority: Index into PRIORITIES: what the desk made of that.
        unit: Index into UNITS: who answers.
        is_in_time: The first answer comes within the priority's deadline.
        answer_seconds: From the opening to the first answer.
    """

    urgency: Ints
    priority: Ints
    unit: Ints
    is_in_time: Flags
    answer_seconds: Ints


def handled(rng: np.random.Generator, is_complaint: Flags, category: Ints, rank: Floats, rates: DeskRates) -> Handling:
    """Draw urgency and priority; the answer's time follows from them.

    Args:
        rng: Draws urgency and priority.
        is_complaint: Complaints are one step more urgent.
        category: Index into `experience.CATEGORIES`.
        rank: Uniform in 0-1: how late the answer is among those of the same unit and priority.
        rates: Shares and deadlines.
    """
    size = len(category)
    more, much_more = rng.random(size) < rates.more_urgent, rng.random(size) < rates.much_more_urgent
    urgency = is_complaint.astype(np.int64) + more + much_more
    is_wrong = rng.random(size) >= rates.priority_agrees
    priority = np.where(is_wrong, np.where(urgency > 0, urgency - 1, 1), urgency)
    unit = ANSWERING_UNIT[category]
    shares = dict(rates.in_time)
    share = np.array([shares.get(name, 1.0) for name in UNITS])[unit]
    deadline = np.array(rates.deadline_hours)[priority] * float(HOUR)
    is_in_time = rank < share
    within = _EARLIEST + (1 - _EARLIEST) * rank / share
    beyond = 1 + _BEYOND * (rank - share) / np.maximum(1 - share, 1e-9)
    seconds = deadline * np.where(is_in_time, within, beyond)
    # A second past the deadline is late, one at the deadline is not.
    whole = np.where(is_in_time, np.floor(seconds), np.floor(seconds) + 1)
    return Handling(urgency, priority, unit, is_in_time, whole.astype(np.int64))
