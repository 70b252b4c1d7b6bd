"""A reader's way through the report in a real browser: overview, scores of a touchpoint, one customer.

The figures that must be on the page are asked of the marts here, by SQL of its own. Widths: a desktop and a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.browser.chromium import opened
from tests.browser.report_page import Reader, serving

WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
COMPANIES = ["sample", pytest.param("olist", marks=pytest.mark.needs_olist)]
MONTH = """
    select strftime(activity_month, '%Y-%m'), strftime(activity_month, '%B %Y'), currency_code,
        cast(round(net_amount) as bigint), order_count, active_customer_count
    from marts.mart_finance__activity_by_month
    where last_day(activity_month) <= (select max(last_day(score_month)) from {scores} where not is_suppressed)
        and activity_month in (select score_month from {scores} where not is_suppressed and metric in ('nps', 'csat'))
    order by activity_month desc, net_amount desc limit 1 offset 1"""
SCORES = "marts.mart_experience__score_by_touchpoint_month"
SCORE = f"""
    select metric, survey_type, touchpoint, response_count,
        case when metric = 'nps' then printf('%+.0f', score_value) else printf('%.0f%%', 100 * score_value) end
    from {SCORES}
    where strftime(score_month, '%Y-%m') = ? and metric in ('nps', 'csat') and not is_suppressed
    order by response_count desc, metric, survey_type, touchpoint limit 1"""
CUSTOMER = """
    select customer_id, printf('%.2f', net_amount), purchase_count, recency_days, coalesce(rfm_segment, 'none')
    from marts.mart_customer__customer_360 where net_amount is not null
    order by net_amount desc, customer_id limit 1"""


@dataclass(frozen=True)
class Expected:
    """What the marts say, as people read it."""

    month: str
    month_name: str
    activity: tuple[str, ...]
    survey: str
    score: tuple[str, ...]
    customer_id: str
    customer: tuple[str, ...]


def thousands(number: str) -> str:
    return f"{float(number):,.2f}" if "." in number else f"{int(number):,}"


def expected(publication: Path) -> Expected:
    with duckdb.connect(str(publication), read_only=True) as connection:
        month = connection.execute(MONTH.format(scores=SCORES)).fetchone()
        assert month is not None
        score = connection.execute(SCORE, [month[0]]).fetchone()
        customer = connection.execute(CUSTOMER).fetchone()
    assert score is not None
    assert customer is not None
    customer_id, amount, *known, segment = customer
    return Expected(
        month=month[0],
        month_name=month[1],
        activity=tuple(f"{number:,}" for number in month[3:]),
        survey=f"{score[0].upper()}, {score[1]}",
        score=(score[2], str(score[3]), score[4]),
        customer_id=customer_id,
        customer=(thousands(amount), *(str(item) for item in known), f"Segment: {segment.replace('_', ' ')}"),
    )


@pytest.fixture(params=COMPANIES)
def company(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(WIDTHS))
def reader(request: pytest.FixtureRequest, company: str, published_root: Path) -> Iterator[Reader]:
    width, height = WIDTHS[request.param]
    with serving(published_root, company) as server, opened() as tab:
        yield Reader(tab, server, company, width, height)


def test_the_journey(reader: Reader, published_root: Path, screenshots: Path) -> None:
    figures = expected(published_root / reader.company / "published" / "current.duckdb")
    form = "phone" if reader.is_phone else "desktop"

    reader.open(period=figures.month)
    reader.awaits(f"{figures.month_name} beside")
    text = reader.text()
    assert [item for item in (*figures.activity, reader.company) if item not in text] == []
    seen(reader, screenshots / f"{reader.company}-{form}-1-overview.png")

    reader.go_to("Scores")
    reader.click('[data-testid="stButtonGroup"] button', figures.survey)
    reader.stands()
    assert figures.month_name in reader.text()
    assert is_a_row(reader.cells(), figures.score), (figures.score, reader.cells())
    seen(reader, screenshots / f"{reader.company}-{form}-2-scores.png")

    reader.go_to("Customer 360")
    seen(reader, screenshots / f"{reader.company}-{form}-3-customers.png")
    reader.type_into("Customer id", figures.customer_id)
    reader.awaits("History of the id")
    reader.stands()
    text = reader.text()
    assert [item for item in (figures.customer_id, *figures.customer) if item not in text] == []
    seen(reader, screenshots / f"{reader.company}-{form}-4-customer.png")

    assert reader.foreign_requests() == []
    assert reader.tab.complaints == []
    assert len(reader.tab.requests) > 10  # or nothing was noted


def test_the_keyboard_reaches_the_controls(reader: Reader) -> None:
    reader.open("scores")
    last = reader.tab.wait_until("document.querySelector('[data-testid=\"stDownloadButton\"] button p').innerText")
    wanted = ["Expand sidebar"] if reader.is_phone else ["Overview", "Scores", "Customer 360", "Company", "Month"]
    reached = [name.splitlines()[-1] for name in reader.reached_by_tab(last) if name]
    assert [name for name in (*wanted, last) if name not in reached] == [], reached


def seen(reader: Reader, file: Path) -> None:
    """What is true of every page: nothing is cut off at the side, no failure is told; and its picture."""
    assert reader.sideways() == 0
    assert "Traceback" not in reader.text()
    reader.picture(file)


def is_a_row(cells: list[str], row: tuple[str, ...]) -> bool:
    """Whether these cells stand one after the other."""
    return any(tuple(cells[at : at + len(row)]) == row for at in range(len(cells)))
