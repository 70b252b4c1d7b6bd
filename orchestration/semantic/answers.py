"""A queried table made an answer: bounds beside each rate, and no rate below the company's minimum."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from orchestration.semantic.catalogue import Interval, MetricDefinition
from orchestration.semantic.intervals import nps_adjusted_wald, wilson


def finished(rows: pd.DataFrame, wanted: Sequence[MetricDefinition], keys: Sequence[str], minimum: int) -> pd.DataFrame:
    """The columns that were asked for, with what makes their rates honest.

    Args:
        rows: Keys, the metrics and the counts that they rest on.
        wanted: Metrics that were asked for, in their order.
        keys: Columns that tell the rows apart.
        minimum: Below so many a rate is null.

    Returns:
        Keys, then per metric: its value, its bounds, the count it rests on, whether it is suppressed.
    """
    columns: dict[str, pd.Series] = {key: rows[key] for key in keys}
    rates = [metric for metric in wanted if metric.minimum_of]
    for metric in wanted:
        value = rows[metric.name]
        if not metric.minimum_of:
            columns[metric.name] = value
            continue
        counted = rows[metric.minimum_of].fillna(0)
        is_suppressed = counted < minimum
        columns[metric.name] = value.astype("float64").mask(is_suppressed)
        if metric.interval:
            low, high = _bounds(rows, metric.interval)
            columns[f"{metric.name}_low"] = low.mask(is_suppressed)
            columns[f"{metric.name}_high"] = high.mask(is_suppressed)
        columns.setdefault(metric.minimum_of, counted.astype("int64"))
        columns["is_suppressed" if len(rates) == 1 else f"is_{metric.name}_suppressed"] = is_suppressed
    return pd.DataFrame(columns)


def _bounds(rows: pd.DataFrame, interval: Interval) -> tuple[pd.Series, pd.Series]:
    hits, of = rows[interval.hits].fillna(0), rows[interval.of].fillna(0)
    if interval.method == "adjusted_wald" and interval.misses:
        return nps_adjusted_wald(hits, rows[interval.misses].fillna(0), of)
    return wilson(hits, of)
