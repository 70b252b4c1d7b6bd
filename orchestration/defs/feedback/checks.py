"""The check that tells when a touchpoint's score moved to another level: a warning in words for who answers for it."""

import dagster as dg
import pandas as pd

from cx_assets.feedback.change_points import ChangePoint, change_points
from cx_assets.feedback.settings import FeedbackSettings
from orchestration.defs.area import Frame
from orchestration.runs.site import Site
from orchestration.warehouse.database import Warehouse

SCORE_KEY = dg.AssetKey(["marts", "mart_experience__score"])
CHANGE_CHECK = "scores_keep_their_level"
NEW_MONTHS = 6
"""A level that began earlier is known by now."""

_MONTHS = """
    select survey_type, touchpoint, metric, scale_min, scale_max, period_start as month, score_value as value,
        (interval_high - interval_low) / (2 * 1.959963984540054) as standard_error
    from marts.mart_experience__score
    where period = 'month' and cut = 'touchpoint' and is_complete and not is_suppressed and score_value is not null
    order by survey_type, touchpoint, metric, scale_min, scale_max, month
"""


def build_defs(frame: Frame) -> dg.Definitions:
    """The one check of levels."""
    return dg.Definitions(asset_checks=[level_check()])


def level_check() -> dg.AssetChecksDefinition:
    """Warns where a touchpoint's monthly score moved to another level in the last months; blocks nothing."""

    @dg.asset_check(
        name=CHANGE_CHECK,
        asset=SCORE_KEY,
        description="No touchpoint's score moved to another level within the last six months.",
        pool="warehouse",
    )
    def scores_keep_their_level(
        site: dg.ResourceParam[Site], warehouse: dg.ResourceParam[Warehouse]
    ) -> dg.AssetCheckResult:
        months = warehouse.frame(_MONTHS)
        rate = site.company.settings(FeedbackSettings).false_discovery_rate
        looked_at, moved = moved_levels(months, rate)
        return dg.AssetCheckResult(
            passed=not moved,
            severity=dg.AssetCheckSeverity.WARN,
            description=" ".join(sentence(point) for point in moved)
            or f"{looked_at} scores of touchpoints looked at, none moved to another level.",
            metadata={"scores": looked_at, "moved": len(moved)},
        )

    return scores_keep_their_level


def moved_levels(months: pd.DataFrame, rate: float) -> tuple[int, list[ChangePoint]]:
    """How many series are long enough, and those whose level moved within the last months.

    Args:
        months: survey_type, touchpoint, metric, scale_min, scale_max, month, value, standard_error.
        rate: Share of the warnings that may be chance.
    """
    if months.empty:
        return 0, []
    upper = months["metric"].str.upper() + " of " + months["touchpoint"] + " (" + months["survey_type"] + " survey"
    scale = months["scale_min"].map("{:g}".format) + " to " + months["scale_max"].map("{:g}".format)
    months = months.assign(month=pd.to_datetime(months["month"]), series=upper + ", " + scale + ")")
    points = change_points(months[["series", "month", "value", "standard_error"]])
    since = months["month"].max() - pd.DateOffset(months=NEW_MONTHS - 1)
    return len(points), [point for point in points if point.q_value <= rate and point.month >= since]


def sentence(point: ChangePoint) -> str:
    """What happened, for a manager."""
    direction = "rose" if point.after > point.before else "fell"
    is_points = point.series.startswith("NPS")
    before, after = (f"{value:.0f}" if is_points else f"{value:.0%}" for value in (point.before, point.after))
    return (
        f"{point.series} {direction} from about {before} to about {after} in {point.month:%B %Y}"
        f" and has stayed there (chance: {max(point.p_value, 0.001):.1%})."
    )
