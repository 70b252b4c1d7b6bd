"""How occasions feel and how feelings become scores: the weights behind NPS, CSAT and CES."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.behaviour import Experience, Flags
from cx_assets.sample_company.names import LANGUAGES
from cx_assets.sample_company.parameters import TOUCHPOINTS, Effects
from cx_assets.sample_company.timeline import Floats, Ints

# Share of customers who used each touchpoint in the months before, in the order of TOUCHPOINTS.
USED_SHARE = np.array([0.55, 0.60, 0.35, 0.55, 0.30, 0.80, 0.65, 0.90, 0.20, 0.25, 0.15, 0.45])
MOOD_WEIGHT = 0.5
NPS_MEAN = 7.5
NPS_NOISE = 1.0
_CES = (TOUCHPOINTS.index("checkout"), TOUCHPOINTS.index("returns"))
_SERVICE = (TOUCHPOINTS.index("service_desk"), TOUCHPOINTS.index("complaint"))


def _impression(rng: np.random.Generator, mood: Floats, shift: Floats) -> Floats:
    own = np.sqrt(1 - MOOD_WEIGHT**2) * rng.standard_normal(shift.shape)
    return MOOD_WEIGHT * mood + own + shift


def occasion_scores(
    rng: np.random.Generator, touchpoint: Ints, is_bad: Flags, mood: Floats, bad_shift: float, moved: Floats
) -> tuple[Ints, Flags]:
    """Score of each occasion, and whether it is on the CES scale (1-7) instead of CSAT (1-5).

    Checkout and returns are asked for effort. A badly handled ticket scores 1 or 2, a well handled one 3 to 5, unless
    nothing that goes wrong is felt (bad_shift 0). `moved` is what else is added to each impression.
    """
    feeling = _impression(rng, mood, np.where(is_bad, bad_shift, 0.0) + moved)
    is_ces = np.isin(touchpoint, _CES)
    csat = np.clip(np.round(3.8 + 0.9 * feeling), 1, 5)
    if bad_shift:
        service = np.where(is_bad, np.where(feeling < bad_shift, 1, 2), np.maximum(csat, 3))
        csat = np.where(np.isin(touchpoint, _SERVICE), service, csat)
    ces = np.clip(np.round(5.2 + 1.2 * feeling), 1, 7)
    return np.where(is_ces, ces, csat).astype(np.int64), is_ces


def relational_impressions(
    rng: np.random.Generator, before: Experience, customer: Ints, mood: Floats, bad_shift: float, moved: Floats
) -> tuple[Floats, Flags]:
    """Impressions (standard units) at all touchpoints, and which of them each customer used.

    `moved` (answers x touchpoints) is what is added to them beside what went wrong.

    Returns:
        Two arrays, answers x touchpoints; an impression counts only where the touchpoint was used.
    """
    shift = np.zeros((len(customer), len(TOUCHPOINTS)))
    used = rng.random(shift.shape) < USED_SHARE
    reasons = {"delivery": before.late, "service_desk": before.low_service, "complaint": before.complaint}
    for name, went_wrong in reasons.items():
        column = TOUCHPOINTS.index(name)
        shift[:, column] = np.where(went_wrong[customer], bad_shift, 0.0)
        used[:, column] |= went_wrong[customer]
    return _impression(rng, mood[:, None], shift + moved), used


def csat_scores(impression: Floats) -> Floats:
    """Satisfaction, 1-5, of impressions at touchpoints that the survey about the relation asks about."""
    return np.clip(np.round(3.7 + 0.9 * impression), 1, 5)


def expectation_scores(rng: np.random.Generator, shift: float, mood: Floats, style: Floats) -> Floats:
    """What was expected of a touchpoint, on the same scale of 1-5; neither occasion nor relationship moves it."""
    return csat_scores(_impression(rng, mood, shift + style))


def expectation_truth(effects: Effects) -> pa.Table:
    """One row per touchpoint whose expectation is asked: touchpoint, expectation_shift (standard deviations)."""
    return pa.table(
        {"touchpoint": list(effects.expectations), "expectation_shift": list(effects.expectations.values())}
    )


def style_truth(effects: Effects) -> pa.Table:
    """One row per language: language_code, answer_shift (standard deviations; points to NPS)."""
    return pa.table({"language_code": list(LANGUAGES), "answer_shift": list(effects.language_styles)})


def nps_scores(
    rng: np.random.Generator, impression: Floats, used: Flags, effects: Effects, style: Floats | float = 0.0
) -> Ints:
    """Likelihood to recommend, 0-10: mean + weight x impression over used touchpoints + style + noise, rounded."""
    weights = np.array([effects.driver_weights[name] for name in TOUCHPOINTS])
    latent = NPS_MEAN + (impression * used) @ weights + style + NPS_NOISE * rng.standard_normal(len(impression))
    return np.clip(np.round(latent), 0, 10).astype(np.int64)
