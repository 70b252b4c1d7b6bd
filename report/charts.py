"""The pictures, for the browser and for the static report alike: Altair only, no Streamlit.

Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart; what matters is never said by
colour alone. Intervals are bands or whiskers at 95%.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, BLACK = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000",
)  # fmt: skip
GREY = "#6b6b6b"
# Fonts that stand on the machine: nothing is fetched.
FONT = "Source Sans, DejaVu Sans, Arial, sans-serif"


def _value_axis(value_format: str, **more: Any) -> alt.Axis:
    """No two ticks with one label: whole per cents or points at the least."""
    return alt.Axis(format=value_format, tickMinStep=0.01 if value_format.endswith("%") else 1, **more)


def band_over_months(
    frame: pd.DataFrame,
    *,
    month: str,
    value: str,
    low: str,
    high: str,
    title: str,
    value_format: str,
    months_apart: int = 1,
) -> alt.LayerChart:
    """A line over months with its interval as a band; months without a value break both.

    Args:
        frame: One row per month; value, low and high are null where suppressed.
        month: Column of the month.
        value: Column of the value.
        low: Column of the lower bound.
        high: Column of the upper bound.
        title: Axis title.
        value_format: Format of the values in d3's language.
        months_apart: 3 where the rows are quarters.
    """
    spaced = _spaced(frame, month, months_apart)
    # Whole months: over a short time Vega would put several ticks, all with one label, into a month. The step divides
    # the year, since counting begins anew each January.
    ticks = {"interval": "month", "step": next((step for step in (1, 2, 3, 4, 6) if 6 * step >= len(spaced)), 12)}
    x = alt.X(f"{month}:T", title=None, axis=alt.Axis(format="%b %y", labelOverlap=True, tickCount=ticks))
    base = alt.Chart(spaced).encode(x=x)
    axis = _value_axis(value_format)
    band = base.mark_area(color=SKY, opacity=0.35).encode(
        alt.Y(f"{low}:Q", title=title, axis=axis, scale=alt.Scale(zero=False)), alt.Y2(f"{high}:Q")
    )
    tooltip = [
        alt.Tooltip(f"{month}:T", format="%B %Y", title="month"),
        alt.Tooltip(f"{value}:Q", format=value_format, title="score"),
        alt.Tooltip(f"{low}:Q", format=value_format, title="low (95%)"),
        alt.Tooltip(f"{high}:Q", format=value_format, title="high (95%)"),
        *([alt.Tooltip("response_count:Q", format=",", title="answers")] if "response_count" in frame else []),
    ]
    line = base.mark_line(color=BLUE, strokeWidth=2, point=alt.OverlayMarkDef(color=BLUE, size=28)).encode(
        alt.Y(f"{value}:Q"), tooltip=tooltip
    )
    # A month between two months without a score has no band to be seen: it gets a whisker.
    whisker = base.mark_rule(color=BLUE, opacity=0.4).encode(alt.Y(f"{low}:Q"), alt.Y2(f"{high}:Q"))
    return _styled([band, whisker, line], f"{title} by month with its interval", height=200)


def _spaced(frame: pd.DataFrame, month: str, months_apart: int = 1) -> pd.DataFrame:
    """All months (or every third) between the first and the last, so that one without rows breaks the line."""
    if frame.empty:
        return frame
    months = pd.date_range(frame[month].min(), frame[month].max(), freq=f"{months_apart}MS", name=month)
    return frame.set_index(month).reindex(months).reset_index()


def whiskers(
    frame: pd.DataFrame, *, label: str, value: str, low: str, high: str, title: str, value_format: str
) -> alt.LayerChart:
    """A dot with whiskers for each row, in the order of the frame; a dotted line stands at zero where it is crossed."""
    base = alt.Chart(frame).encode(
        alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=150)),
        tooltip=[
            alt.Tooltip(f"{label}:N", title=" "),
            alt.Tooltip(f"{value}:Q", format=value_format),
            alt.Tooltip(f"{low}:Q", format=value_format, title="low (95%)"),
            alt.Tooltip(f"{high}:Q", format=value_format, title="high (95%)"),
        ],
    )
    x = alt.X(f"{low}:Q", title=title, axis=_value_axis(value_format, tickCount=10), scale=alt.Scale(zero=False))
    layers: list[Any] = [
        base.mark_rule(color=BLUE, strokeWidth=2).encode(x, alt.X2(f"{high}:Q")),
        base.mark_point(color=BLUE, filled=True, size=70, opacity=1).encode(alt.X(f"{value}:Q")),
    ]
    if not frame.empty and frame[low].min() < 0 < frame[high].max():
        zero = alt.Chart(pd.DataFrame({"zero": [0]}))
        layers.insert(0, zero.mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="zero:Q"))
    return _styled(layers, f"{title}, with intervals", height=max(90, 30 * len(frame) + 20))


def columns_over_months(frame: pd.DataFrame, *, month: str, value: str, title: str) -> alt.LayerChart:
    """Columns over months, for counts and amounts."""
    labels: dict[str, Any] = {"format": "%b %y", "labelOverlap": True, "labelSeparation": 8, "labelAngle": 0}
    bars = (
        alt.Chart(_spaced(frame, month))
        .mark_bar(color=BLUE)
        .encode(
            # A place for each month: on an axis of time the last label would be that of the month after.
            alt.X(f"yearmonth({month}):O", title=None, axis=alt.Axis(**labels)),
            alt.Y(f"{value}:Q", title=title, axis=alt.Axis(format="~s")),
            tooltip=[
                alt.Tooltip(f"{month}:T", format="%B %Y", title="month"),
                alt.Tooltip(f"{value}:Q", format=",.0f", title=title),
            ],
        )
    )
    return _styled([bars], f"{title} by month", height=200)


def bars(frame: pd.DataFrame, *, label: str, value: str, title: str, colour: str = BLUE) -> alt.LayerChart:
    """Lying bars with their numbers, in the order of the frame."""
    base = alt.Chart(frame).encode(
        alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=150)),
        alt.X(f"{value}:Q", title=title, axis=alt.Axis(format="~s", tickCount=5)),
        tooltip=[alt.Tooltip(f"{label}:N", title=" "), alt.Tooltip(f"{value}:Q", format=",", title=title)],
    )
    numbers = base.mark_text(align="left", dx=4, color=BLACK).encode(text=alt.Text(f"{value}:Q", format=","))
    return _styled([base.mark_bar(color=colour), numbers], f"{title} by {label}", height=max(60, 24 * len(frame) + 20))


def probability_histogram(frame: pd.DataFrame) -> alt.LayerChart:
    """Customers by tenth of predicted probability: columns `low` (0 to 0.9) and `customer_count`."""
    drawn = (
        alt.Chart(frame.assign(high=frame["low"] + 0.1))
        .mark_bar(color=BLUE, stroke="white")
        .encode(
            alt.X(
                "low:Q", bin="binned", title="probability", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
            ),
            alt.X2("high:Q"),
            alt.Y("customer_count:Q", title="customers"),
            tooltip=[
                alt.Tooltip("low:Q", format=".0%", title="from"),
                alt.Tooltip("high:Q", format=".0%", title="to"),
                alt.Tooltip("customer_count:Q", format=",", title="customers"),
            ],
        )
    )
    return _styled([drawn], "Customers by predicted probability", height=220)


def reliability(frame: pd.DataFrame) -> alt.LayerChart:
    """What the model said beside what happened; on the dashed line both are equal."""
    ends = alt.Chart(pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]}))
    base = alt.Chart(frame).encode(
        alt.X("mean_probability:Q", title="predicted", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        tooltip=[
            alt.Tooltip("mean_probability:Q", format=".1%", title="predicted"),
            alt.Tooltip("observed_share:Q", format=".1%", title="observed"),
            alt.Tooltip("observed_low:Q", format=".1%", title="low (95%)"),
            alt.Tooltip("observed_high:Q", format=".1%", title="high (95%)"),
            alt.Tooltip("customer_count:Q", format=",", title="customers"),
        ],
    )
    y = alt.Y("observed_low:Q", title="observed", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    return _styled(
        [
            ends.mark_line(color=GREY, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q"),
            base.mark_rule(color=VERMILION, strokeWidth=2).encode(y, alt.Y2("observed_high:Q")),
            base.mark_point(color=VERMILION, filled=True, size=60, opacity=1).encode(alt.Y("observed_share:Q")),
        ],
        "Predicted probability beside observed share, by bin",
        height=280,
    )


def importance_performance(frame: pd.DataFrame) -> alt.LayerChart:
    """Touchpoints by performance and importance, with the medians that part the quadrants.

    Args:
        frame: One row per touchpoint: touchpoint, performance_score, importance, quadrant.
    """
    middle = alt.Chart(pd.DataFrame({"x": [frame["performance_score"].median()], "y": [frame["importance"].median()]}))
    base = alt.Chart(frame).encode(
        alt.X("performance_score:Q", title="performance, 0 to 100", scale=alt.Scale(zero=False, padding=30)),
        alt.Y("importance:Q", title="importance", axis=_value_axis(".0%"), scale=alt.Scale(zero=False, padding=20)),
        tooltip=[
            alt.Tooltip("touchpoint:N"),
            alt.Tooltip("quadrant:N"),
            alt.Tooltip("importance:Q", format=".1%"),
            alt.Tooltip("performance_score:Q", format=".1f", title="performance"),
        ],
    )
    return _styled(
        [
            middle.mark_rule(color=GREY, strokeDash=[4, 4]).encode(x="x:Q"),
            middle.mark_rule(color=GREY, strokeDash=[4, 4]).encode(y="y:Q"),
            base.mark_point(color=BLUE, filled=True, size=70, opacity=1),
            base.mark_text(color=BLACK, align="left", dx=7).encode(text="touchpoint:N"),
        ],
        "Importance beside performance by touchpoint",
        height=360,
    )


CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#ffffff",
    "axis": {"labelColor": "#262626", "titleColor": "#262626", "gridColor": "#e4e4e4", "titleFontWeight": "normal"},
    "view": {"stroke": None},
}


# Streamlit sets none at the top, and would cut the uppermost label.
PADDING = {"top": 6, "right": 6, "bottom": 12, "left": 0}


def _styled(layers: list[Any], description: str, *, height: int) -> alt.LayerChart:
    """The layers in one; `description` is what a screen reader says.

    All at once: each of Altair's methods copies the whole chart, which a reader would wait for.
    """
    drawn: alt.LayerChart = alt.LayerChart(
        layer=layers, height=height, width="container", description=description, config=CONFIG, padding=PADDING
    )
    return drawn
