"""What a page is given: the publication and what the reader chose. Streamlit's widgets are in `sidebar`."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass

from report.data import Publication


@dataclass(frozen=True)
class Context:
    """One reader's view.

    Attributes:
        publication: The generation that is shown.
        period: First day of the chosen month; None without any month.
        complete_until: Last day that no late feed of orders keeps open; at most the observation date.
        segment: Chosen RFM segment; None for all customers.
        now: Time of the view (UTC).
    """

    publication: Publication
    period: dt.date | None
    complete_until: dt.date
    segment: str | None
    now: dt.datetime

    @property
    def is_complete(self) -> bool:
        """Whether the feeds have reached the end of the chosen month."""
        return self.period is not None and month_end(self.period) <= self.complete_until


def month_end(month: dt.date) -> dt.date:
    """Last day of the month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def month_before(month: dt.date, months: int = 1) -> dt.date:
    """First day of the month so many months before."""
    count = month.year * 12 + month.month - 1 - months
    return dt.date(count // 12, count % 12 + 1, 1)


def month_name(month: dt.date) -> str:
    """The month in words, whatever the machine's language."""
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{names[month.month - 1]} {month.year}"


def day_name(day: dt.date) -> str:
    """The day in words."""
    return f"{day.day} {month_name(day)}"
