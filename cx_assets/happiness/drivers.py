"""Which touchpoints drive the overall answer: shares of its variance, per segment, with intervals and quadrants.

Moments with missing ratings are in `covariance`, the division of R² in `shares`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from cx_assets.happiness.covariance import Estimate, Floats, NotSettledError, estimate
from cx_assets.happiness.shares import MOST_FOR_SHAPLEY, variance_shares
from cx_assets.happiness.tables import SATISFACTION_DRIVER

ALL = "all"
QUADRANTS = {
    (True, False): "improve first",
    (True, True): "keep up",
    (False, False): "watch",
    (False, True): "nice to have",
}
"""By whether importance and performance lie at or above their medians."""
NO_CLEAR_DRIVER = "no clear driver"
_SIGNIFICANCE = 0.05
_RIDGE, _RIDGE_OF_MANY = 0.01, 0.05
_RATED = ["response_id", "cluster_id", "segment", "touchpoint", "performance", "target"]


@dataclass(frozen=True)
class Rules:
    """When there is a model, and how its uncertainty is worked out.

    Attributes:
        minimum_answers: Ratings that a touchpoint needs in the segment.
        minimum_respondents: Responses that a segment needs; and ten for each touchpoint.
        maximum_respondents: Responses that are looked at, drawn at random where there are more.
        samples: Bootstrap samples of customers.
        seed: Of drawing.
    """

    minimum_answers: int = 50
    minimum_respondents: int = 200
    maximum_respondents: int = 3000
    samples: int = 200
    seed: int = 20260101


@dataclass(frozen=True)
class Drivers:
    """Drivers of every segment.

    Attributes:
        rows: As SATISFACTION_DRIVER.
        samples: Shares of R² of all customers together, bootstrap sample x touchpoint; empty without a model.
    """

    rows: pd.DataFrame
    samples: pd.DataFrame


def driver_models(ratings: pd.DataFrame, rules: Rules) -> Drivers:
    """Shares of the overall answer's variance by touchpoint, for all and for each segment with answers enough.

    Args:
        ratings: One row per response and touchpoint: response_id, cluster_id (whose answers go together: the customer,
            or the response where nobody knows), segment, touchpoint, performance (0-100, null where it was not used),
            target (overall answer of the same response; rows without one are ignored).
        rules: When there is a model.

    Returns:
        One row per segment and touchpoint that was rated in it, with a share or with the reason why there is none.

    Raises:
        ValueError: A column is missing, or a response rates a touchpoint twice.
    """
    missing = [name for name in _RATED if name not in ratings.columns]
    if missing:
        raise ValueError(f"columns are missing: {', '.join(missing)}")
    used = ratings[ratings["target"].notna() & ratings["performance"].notna()]
    if used.duplicated(["response_id", "touchpoint"]).any():
        raise ValueError("a response rates a touchpoint twice")
    if used.empty:
        return Drivers(SATISFACTION_DRIVER.typed([]), pd.DataFrame())
    rows, samples = _segment_rows(used, ALL, rules)
    found = [rows]
    segments = sorted(used["segment"].unique())
    for segment in segments if len(segments) > 1 else ():
        found.append(_segment_rows(used[used["segment"] == segment], segment, rules)[0])
    return Drivers(SATISFACTION_DRIVER.typed(pd.concat(found, ignore_index=True)), samples)


def _segment_rows(used: pd.DataFrame, segment: str, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    by_touchpoint = used.groupby("touchpoint")["performance"]
    rows = pd.DataFrame(
        {
            "segment": segment,
            "touchpoint": sorted(used["touchpoint"].unique()),
            "answers": by_touchpoint.size().sort_index().to_numpy(),
            "performance_score": by_touchpoint.mean().sort_index().to_numpy(),
            "left_out_reason": None,
        }
    )
    for name in ("method", "quadrant", "is_beyond_chance"):
        rows[name] = None
    for name in ("respondents", "r_squared", "r2_share", "share_low", "share_high", "importance", "correlation"):
        rows[name] = np.nan
    rows["p_value"] = np.nan
    few = rows["answers"] < rules.minimum_answers
    rows.loc[few, "left_out_reason"] = f"fewer than {rules.minimum_answers} answers"
    constant = rows["touchpoint"].map(by_touchpoint.nunique()) < 2
    rows.loc[constant & ~few, "left_out_reason"] = "all answers alike"
    wide = _wide(used, list(rows.loc[rows["left_out_reason"].isna(), "touchpoint"]), rules)
    if rare := _rare_among_drawn(wide, rules):
        told = f"fewer than {rules.minimum_answers} answers, or all alike, among the responses that were drawn"
        rows.loc[rows["touchpoint"].isin(rare), "left_out_reason"] = told
        wide = _wide(used, [name for name in wide.touchpoints if name not in rare], rules)
    rows["respondents"] = len(wide.values) if wide.touchpoints else used["response_id"].nunique()
    needed = max(rules.minimum_respondents, 10 * len(wide.touchpoints))
    reason = None
    if len(wide.values) < needed:
        reason = f"fewer than {needed} responses"
    elif np.ptp(wide.values[:, 0]) == 0:
        reason = "all overall answers alike"
    elif len(np.unique(wide.cluster)) < len(wide.touchpoints) + 2:
        reason = "too few customers"
    if reason is not None or not wide.touchpoints:
        rows["left_out_reason"] = rows["left_out_reason"].where(rows["left_out_reason"].notna(), reason)
        return rows, pd.DataFrame()
    try:
        return _modelled(rows, wide, rules)
    except NotSettledError as error:
        rows["left_out_reason"] = rows["left_out_reason"].fillna(str(error))
        return rows, pd.DataFrame()


@dataclass(frozen=True)
class _Wide:
    """Responses x (target, touchpoints), nan where not used; and whose they are."""

    values: Floats
    cluster: NDArray[np.int64]
    touchpoints: list[str]


def _rare_among_drawn(wide: _Wide, rules: Rules) -> list[str]:
    """Touchpoints that many rated, but too few of those whose responses were drawn."""
    if not len(wide.values):
        return []
    columns = wide.values[:, 1:]
    counts = (~np.isnan(columns)).sum(axis=0)
    spread = np.nanmax(columns, axis=0, initial=-np.inf) - np.nanmin(columns, axis=0, initial=np.inf)
    lacking = (counts < rules.minimum_answers) | ~(spread > 0)
    return [name for name, lacks in zip(wide.touchpoints, lacking, strict=True) if lacks]


def _wide(used: pd.DataFrame, touchpoints: list[str], rules: Rules) -> _Wide:
    """Responses that rate one of the touchpoints; at most so many, drawn by whose they are."""
    chosen = used[used["touchpoint"].isin(touchpoints)]
    table = chosen.pivot(index="response_id", columns="touchpoint", values="performance").sort_index()
    of_response = chosen.drop_duplicates("response_id").set_index("response_id").loc[table.index]
    cluster = pd.factorize(of_response["cluster_id"], sort=True)[0]
    values = np.column_stack([of_response["target"].to_numpy(float), table.to_numpy(float)])
    if len(values) > rules.maximum_respondents:
        drawn = np.random.default_rng(rules.seed).permutation(cluster.max() + 1)[cluster]
        kept = np.sort(np.argsort(drawn, kind="stable")[: rules.maximum_respondents])
        values, cluster = values[kept], np.unique(cluster[kept], return_inverse=True)[1]
    return _Wide(values, cluster, list(table.columns))


def _modelled(rows: pd.DataFrame, wide: _Wide, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    scale = np.nanstd(wide.values, axis=0)
    ridge = _RIDGE if len(wide.touchpoints) <= MOST_FOR_SHAPLEY else _RIDGE_OF_MANY
    fitted = estimate((wide.values - np.nanmean(wide.values, axis=0)) / scale, ridge=ridge)
    covariance = fitted.covariance
    shares = variance_shares(covariance[None])[0]
    samples = variance_shares(fitted.resampled(_drawn(wide.cluster, rules)))
    low, high = np.percentile(samples, [2.5, 97.5], axis=0)
    p_value = _p_value(fitted, wide.cluster)
    told = rows["touchpoint"].isin(wide.touchpoints)
    rows.loc[told, "r2_share"] = shares
    rows.loc[told, "share_low"] = np.minimum(low, shares)
    rows.loc[told, "share_high"] = np.maximum(high, shares)
    rows.loc[told, "importance"] = shares / shares.sum()
    rows.loc[told, "r_squared"] = shares.sum()
    rows.loc[told, "correlation"] = covariance[0, 1:] / np.sqrt(covariance[0, 0] * np.diag(covariance)[1:])
    rows.loc[told, "p_value"] = p_value
    rows.loc[told, "method"] = "lmg" if len(wide.touchpoints) <= MOST_FOR_SHAPLEY else "johnson"
    rows.loc[told, "is_beyond_chance"] = p_value < _SIGNIFICANCE
    rows.loc[told, "quadrant"] = _quadrants(rows[told]) if p_value < _SIGNIFICANCE else NO_CLEAR_DRIVER
    return rows, pd.DataFrame(samples, columns=wide.touchpoints)


def _quadrants(rows: pd.DataFrame) -> list[str]:
    """Beside the medians of importance and of performance (Martilla and James 1977, Journal of Marketing 41(1))."""
    important = rows["importance"] >= rows["importance"].median()
    good = rows["performance_score"] >= rows["performance_score"].median()
    return [QUADRANTS[bool(matters), bool(is_good)] for matters, is_good in zip(important, good, strict=True)]


def _drawn(cluster: NDArray[np.int64], rules: Rules) -> Floats:
    """How often each response is in each bootstrap sample; customers are drawn with all their responses."""
    count = int(cluster.max()) + 1
    rng = np.random.default_rng(rules.seed)
    times = rng.multinomial(count, np.full(count, 1 / count), size=rules.samples)
    return times[:, cluster].astype(float)


def _p_value(fitted: Estimate, cluster: NDArray[np.int64]) -> float:
    """Probability of such covariances with the target, were all zero: Hotelling's T² on sums by customer."""
    predictors = fitted.columns - 1
    of_row = fitted.covariance_influence(0)[:, 1:] / len(cluster)
    sums = np.zeros((int(cluster.max()) + 1, predictors))
    np.add.at(sums, cluster, of_row)
    customers = len(sums)
    found = fitted.covariance[0, 1:]
    spread = sums.T @ sums * customers / (customers - 1)
    statistic = float(found @ np.linalg.pinv(spread) @ found)
    free = customers - predictors
    return float(f_distribution.sf(statistic * free / (predictors * (customers - 1)), predictors, free))
