"""Which months a publication holds, which of them are complete, and with which a reader starts."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd

from report.context import month_end
from report.data import Publication

MONTHS_SHOWN = 25
"""Months in a picture: two years, and the month two years before."""


def months(publication: Publication) -> list[dt.date]:
    """Months with orders or answers up to the observation date, newest first."""
    found: set[dt.date] = set()
    for table, column in (
        ("mart_finance__activity_by_month", "activity_month"),
        ("mart_experience__score_by_touchpoint_month", "score_month"),
    ):
        if f"marts.{table}" in publication.tables:
            rows = publication.figures(f"select distinct {column} as month from marts.{table}")
            found.update(month.date() for month in rows["month"])
    return sorted((month for month in found if month <= publication.as_of_date), reverse=True)


def complete_until(publication: Publication) -> dt.date:
    """The observation date, or the day before it up to which a late feed of orders is complete."""
    try:
        rows = publication.figures(
            "select min(complete_until_date) as day from marts.mart_operations__feed_completeness "
            "where is_transaction and is_late"
        )
    except (duckdb.CatalogException, duckdb.BinderException):
        return publication.as_of_date
    day = rows["day"].iloc[0]
    return publication.as_of_date if pd.isna(day) else min(publication.as_of_date, pd.Timestamp(day).date())


def default_month(found: list[dt.date], until: dt.date) -> dt.date | None:
    """The newest complete month, else the newest; None without any."""
    complete = [month for month in found if month_end(month) <= until]
    return next(iter(complete or found), None)
