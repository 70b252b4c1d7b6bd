"""The report as one HTML file for those who read it by mail: the main pictures as SVG, no script, no network.

Equal publications give equal files: nothing of the clock or the machine stands in them.
"""

from __future__ import annotations

import datetime as dt
import os
from html import escape
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert

from orchestration.publication.report_file import REPORT, generation_mark
from report import charts
from report.comparison import (
    ACTIVITY,
    SCORES,
    activity,
    headline,
    money_sentence,
    score_changes,
    score_picture,
    score_totals,
)
from report.context import day_name, month_before, month_name
from report.data import Publication, open_publication, records
from report.months import MONTHS_SHOWN, complete_until, default_month, months
from report.pages import churn, customers, data_quality

FILE_NAME = REPORT
"""Beside the generations that it shows the newest of."""
STYLE = """
body { font: 16px/1.5 "Source Sans 3", "Segoe UI", Arial, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 44rem; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2rem; } svg { max-width: 100%; height: auto; }
figure { margin: 1rem 0; } figcaption, .small { color: #555; font-size: .875rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .875rem; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
"""


def write_static(published: Path, target: Path) -> Path:
    """Write the report on what is published now.

    Args:
        published: A company's folder of publications.
        target: The HTML file; replaced in one step.

    Returns:
        The file.

    Raises:
        NothingPublishedError: There is no readable publication.
    """
    publication = open_publication(published, published.resolve().parent.name)
    text = page(publication)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, target)
    return target


def page(publication: Publication) -> str:
    """The whole HTML."""
    parts = [*_overview(publication), *_segments(publication), *_churn(publication), *_quality(publication)]
    title = f"{publication.company}, as of {day_name(publication.as_of_date)}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{generation_mark(publication.generation_id)}\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        f'<p class="small">Generation {escape(publication.generation_id)}, published '
        f"{day_name(publication.published_at.date())}, {publication.published_at:%H:%M} UTC; "
        f"{publication.checks_passed} of {publication.checks_declared} checks passed. "
        "No personal data; intervals are at 95%.</p>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _overview(publication: Publication) -> list[str]:
    month = default_month(months(publication), complete_until(publication))
    if month is None:
        return [_text("No orders and no answers up to the observation date.")]
    parts = [f"<h2>{month_name(month)} beside {month_name(month_before(month))}</h2>"]
    if ACTIVITY in publication.tables:
        for currency, rows in activity(publication).groupby("currency_code"):
            by_month = {row["activity_month"].date(): row for row in records(rows)}
            if month in by_month:
                parts.append(
                    _text(
                        money_sentence(
                            str(currency),
                            by_month[month],
                            by_month.get(month_before(month)),
                            by_month.get(month_before(month, 12)),
                        )
                    )
                )
                recent = rows[rows["activity_month"] <= pd.Timestamp(month)].tail(MONTHS_SHOWN)
                title = f"revenue, {currency}"
                drawn = charts.columns_over_months(recent, month="activity_month", value="net_amount", title=title)
                parts.append(_picture(drawn, f"Revenue by month, {currency}"))
    return parts + (_scores(publication, month) if SCORES in publication.tables else [])


def _scores(publication: Publication, month: dt.date) -> list[str]:
    totals = score_totals(publication)
    changes = score_changes(totals, month)
    if not changes:
        return ["<h2>What customers say</h2>", _text("No answers in this month.")]
    parts = ["<h2>What customers say</h2>", _text(headline(changes)), "<ul>"]
    parts += [f"<li>{_marked(change.sentence)}</li>" for change in changes]
    parts.append("</ul>")
    for change in changes:
        rows = totals[(totals["name"] == change.name) & (totals["score_month"] <= pd.Timestamp(month))]
        recent = rows.tail(MONTHS_SHOWN)
        if recent["score_value"].notna().any():
            parts.append(_picture(score_picture(recent, change.name, change.metric), f"{change.name} by month"))
    return parts


def _segments(publication: Publication) -> list[str]:
    if customers.CUSTOMERS not in publication.tables:
        return []
    frame = customers.segments(publication)
    if set(frame["segment"]) <= {"no purchases"}:
        return []
    drawn = charts.bars(frame, label="segment", value="customers", title="customers")
    shown = frame.assign(
        net_amount=frame["net_amount"].map(lambda value: "" if pd.isna(value) else f"{value:,.2f}"),
        net_amount_share=frame["net_amount_share"].map(lambda value: "" if pd.isna(value) else f"{100 * value:.1f}%"),
    )
    return ["<h2>Segments</h2>", _picture(drawn, "Customers by segment"), _table(shown)]


def _churn(publication: Publication) -> list[str]:
    if not {churn.MODELS, churn.BINS} <= publication.tables:
        return []
    models = publication.figures(churn.MODEL_QUERY)
    if models.empty:
        return []
    model = models.iloc[0]
    if model["status"] != "trained":
        return ["<h2>Churn risk</h2>", _text(churn.refusal(model))]
    parts = ["<h2>Churn risk</h2>", *(_text(line.removeprefix("- ")) for line in churn.model_lines(model))]
    bins = publication.figures(churn.BIN_QUERY, (str(model["model_id"]),))
    return parts if bins.empty else [*parts, _picture(charts.reliability(bins), "Predicted beside observed")]


def _quality(publication: Publication) -> list[str]:
    parts = ["<h2>Data quality</h2>"]
    if data_quality.FEEDS in publication.tables:
        feeds = publication.figures(data_quality.FEED_QUERY)
        late = feeds[feeds["is_late"].fillna(value=False).astype(bool)]
        names = ", ".join(f"{row['source_name']} {row['entity']} ({row['days_behind']} days)" for row in records(late))
        parts.append(_text(f"Late feeds: {names}." if names else "No feed is late."))
    if data_quality.RECONCILED in publication.tables:
        reconciled = publication.figures(data_quality.RECONCILED_QUERY)
        if not reconciled.empty:
            parts.append(_table(reconciled[["source_name", "table_name", "source_count", "mart_count", "unexplained"]]))
    parts += [_text(f"Warning: {warning}") for warning in publication.warnings]
    return parts


def _picture(chart: alt.LayerChart, caption: str) -> str:
    drawn = vl_convert.vegalite_to_svg(chart.properties(width=560).to_dict())
    return (
        f'<figure role="img" aria-label="{escape(caption)}">{drawn}<figcaption>{escape(caption)}</figcaption></figure>'
    )


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name).replace('_', ' '))}</th>" for name in frame.columns)
    rows = (
        "<tr>" + "".join(f"<td>{escape('' if pd.isna(cell) else f'{cell}')}</td>" for cell in row.values()) + "</tr>"
        for row in records(frame)
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _text(words: str) -> str:
    return f"<p>{_marked(words)}</p>"


def _marked(words: str) -> str:
    """Escaped, with the pairs of asterisks that pages write as bold."""
    pieces = escape(words).split("**")
    return "".join(f"<strong>{piece}</strong>" if number % 2 else piece for number, piece in enumerate(pieces))
