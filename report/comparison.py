"""A month beside the month before it: scores summed over touchpoints, money and customers, and what may be said of it.

Used by the overview and by the static report.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from report import charts
from report.context import month_before, month_name
from report.data import SCORES, Publication, records
from report.intervals import Estimate, difference, net_promoter_score, share

ACTIVITY = "marts.mart_finance__activity_by_month"
METRIC_NAMES = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
METRIC_MEANINGS = {
    "nps": "NPS: promoters (9, 10) less detractors (0 to 6), in points",
    "csat": "CSAT: share of answers in the top two boxes",
    "ces": "CES 2.0: share of answers above the middle of the scale",
}

TOTAL_QUERY = f"""
    select score_month, metric, survey_type, scale_min, scale_max,
        cast(sum(response_count) as bigint) as response_count,
        cast(sum(favourable_count) as bigint) as favourable_count,
        cast(sum(detractor_count) as bigint) as detractor_count,
        sum(response_count) < ? as is_suppressed
    from {SCORES}
    where metric in ('nps', 'csat', 'ces')
    group by score_month, metric, survey_type, scale_min, scale_max
    order by case metric when 'nps' then 1 when 'csat' then 2 else 3 end, metric, survey_type, scale_min, scale_max,
        score_month"""

ACTIVITY_QUERY = f"""
    select activity_month, currency_code, active_customer_count, new_customer_count, is_warm_up, order_count,
        cast(net_amount as double) as net_amount, cast(return_amount as double) as return_amount
    from {ACTIVITY} order by currency_code, activity_month"""


@dataclass(frozen=True)
class ScoreChange:
    """One score of a month beside the month before.

    Attributes:
        name: Metric and survey.
        metric: nps, csat or ces.
        response_count: Answers of the month.
        now: The score; None where it is suppressed.
        before: The same of the month it is compared with; None without any.
        month_before: That month: the newest earlier one with a score.
        is_next: Whether that is the month right before.
    """

    name: str
    metric: str
    response_count: int
    now: Estimate | None
    before: Estimate | None
    month_before: dt.date | None
    is_next: bool

    @property
    def change(self) -> Estimate | None:
        """Difference with its interval; None where one side is missing."""
        return difference(self.now, self.before) if self.now and self.before else None

    @property
    def verdict(self) -> str:
        """In two or three words."""
        change = self.change
        if change is None:
            return "cannot be told"
        if not change.is_beyond_chance:
            return "no clear change"
        return "rise" if change.value > 0 else "fall"

    @property
    def sentence(self) -> str:
        """What the month says, and whether the difference is more than chance."""
        if self.now is None:
            return f"**{self.name}**: too few answers ({self.response_count}) for a score."
        text = f"**{self.name}**: {shown(self.metric, self.now.value)} from {self.response_count:,} answers"
        change = self.change
        if change is None or self.before is None:
            return f"{text}. No earlier month has enough answers to compare with."
        when = "the month before" if self.is_next or not self.month_before else f"in {month_name(self.month_before)}"
        bounds = f"95% interval {signed(self.metric, change.low)} to {signed(self.metric, change.high)}"
        text = f"{text}, {shown(self.metric, self.before.value)} {when}: {signed(self.metric, change.value)} points"
        if change.is_beyond_chance:
            return f"{text} ({bounds}). A {self.verdict} beyond what chance alone makes."
        return f"{text} ({bounds}). Chance alone could make this difference."


def shown(metric: str, value: float) -> str:
    """A score as people read it."""
    return f"{value:+.0f}" if metric == "nps" else f"{100 * value:.1f}%"


def signed(metric: str, value: float) -> str:
    """A difference of scores in points: of the NPS, or percentage points."""
    return f"{value if metric == 'nps' else 100 * value:+.1f}"


def score_totals(publication: Publication) -> pd.DataFrame:
    """One row per metric, survey type, scale and month, over all touchpoints.

    Returns:
        name, score_month, metric, survey_type, response_count, is_suppressed, and score_value, interval_low and
        interval_high, which are null where suppressed.
    """
    frame = publication.figures(TOTAL_QUERY, [publication.minimum_answers])
    frame["score_month"] = pd.to_datetime(frame["score_month"])
    rows = records(frame)
    estimates = [None if row["is_suppressed"] else _estimate(row) for row in rows]
    for column, field in (("score_value", "value"), ("interval_low", "low"), ("interval_high", "high")):
        frame[column] = pd.Series(
            [getattr(item, field) if item else None for item in estimates], dtype="float64", index=frame.index
        )
    has_scales = frame.groupby(["metric", "survey_type"])[["scale_min", "scale_max"]].transform("nunique").max(axis=1)
    frame["name"] = [
        f"{METRIC_NAMES.get(row['metric'], row['metric'])}, {row['survey_type']}"
        + (f" ({row['scale_min']:g} to {row['scale_max']:g})" if several > 1 else "")
        for row, several in zip(rows, has_scales, strict=True)
    ]
    return frame


def score_changes(totals: pd.DataFrame, month: dt.date) -> list[ScoreChange]:
    """Each score of the month beside the newest earlier one, in the order of the totals.

    Relationship surveys are asked once or twice a year: their month before has no answers and is not what to compare
    with.

    Args:
        totals: What `score_totals` gives.
        month: First day of the month.
    """
    changes = []
    for name, of_name in totals.groupby("name", sort=False):
        by_month = {row["score_month"].date(): row for row in records(of_name)}
        if month not in by_month:
            continue
        row = by_month[month]
        told = [earlier for earlier, item in by_month.items() if earlier < month and _as_estimate(item)]
        last = max(told, default=None)
        now, before = _as_estimate(row), _as_estimate(by_month.get(last)) if last else None
        changes.append(
            ScoreChange(
                str(name), row["metric"], int(row["response_count"]), now, before, last, last == month_before(month)
            )
        )
    return changes


def activity(publication: Publication) -> pd.DataFrame:
    """One row per currency and month: customers, orders and money."""
    frame = publication.figures(ACTIVITY_QUERY)
    frame["activity_month"] = pd.to_datetime(frame["activity_month"])
    return frame


def relative(now: float, before: float | None) -> str | None:
    """A relative difference as people read it; None without an amount above zero to compare with."""
    return None if before is None or before <= 0 else f"{100 * (now / before - 1):+.1f}%"


def money_sentence(
    currency: str, now: dict[str, Any], before: dict[str, Any] | None, year_before: dict[str, Any] | None
) -> str:
    """What the month's revenue says, beside the month and the year before."""
    parts = []
    for name, other in (("the month before", before), ("the same month a year before", year_before)):
        if other is not None and (text := relative(now["net_amount"], other["net_amount"])):
            parts.append(f"{text} against {name}")
    sentence = f"**Revenue**: {now['net_amount']:,.0f} {currency}"
    sentence += f", {' and '.join(parts)}. " if parts else "; there is no earlier month to compare with. "
    if year_before is None:
        return f"{sentence}Without the same month a year before, season and change cannot be told apart."
    return f"{sentence}The year before has the same season; the month before has not."


def headline(changes: list[ScoreChange]) -> str:
    """The scores of a month in one sentence."""
    comparable = [change for change in changes if change.change]
    clear = [change for change in comparable if change.change and change.change.is_beyond_chance]
    if not comparable:
        return "No score can be compared with an earlier month."
    if not clear:
        which = "the score" if len(comparable) == 1 else f"any of the {len(comparable)} scores"
        return f"No clear change in {which} that can be compared."
    names = ", ".join(f"{change.name} ({change.verdict})" for change in clear)
    unclear = len(comparable) - len(clear)
    rest = f" {unclear} of {len(comparable)} show no clear change." if unclear else ""
    return f"Beyond chance: {names}.{rest}"


def score_picture(rows: pd.DataFrame, name: str, metric: str) -> alt.LayerChart:
    """One score over months with its interval."""
    return charts.band_over_months(
        rows,
        month="score_month",
        value="score_value",
        low="interval_low",
        high="interval_high",
        title=name,
        value_format="+.0f" if metric == "nps" else ".0%",
    )


def _estimate(row: dict[str, Any]) -> Estimate:
    if row["metric"] == "nps":
        return net_promoter_score(row["favourable_count"], row["detractor_count"], row["response_count"])
    return share(row["favourable_count"], row["response_count"])


def _as_estimate(row: dict[str, Any] | None) -> Estimate | None:
    if row is None or row["is_suppressed"] or pd.isna(row["score_value"]):
        return None
    return Estimate(row["score_value"], row["interval_low"], row["interval_high"])
