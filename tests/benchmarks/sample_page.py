"""Pictures of the sample company with its truth beside them: `python -m tests.benchmarks.sample_page`.

`make sample-page` generates the company with its truth and writes docs/sample-company.md: charts in Mermaid, which
GitHub draws, and tables, each with what was planted. It reads the truth, which no part of the pipeline may, and so
stands here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cx_assets.sample_company import DEFAULT_SEED, generate
from orchestration.ground.workspace import REPOSITORY

OUTPUT = REPOSITORY / "docs" / "sample-company.md"
SCALE = 0.05


@dataclass(frozen=True)
class Line:
    """One series of a chart.

    Attributes:
        kind: `bar` or `line`.
        values: One per place of the x-axis.
    """

    kind: str
    values: Sequence[float]


def chart(title: str, x: Sequence[str], y: str, *lines: Line) -> str:
    """A Mermaid XY chart as Markdown."""
    names = ", ".join(f'"{name}"' for name in x)
    series = "\n".join(f"    {line.kind} [{', '.join(f'{value:g}' for value in line.values)}]" for line in lines)
    values = [value for line in lines for value in line.values]
    low, high = min(0.0, *values), max(values)
    head = f'xychart-beta\n    title "{title}"\n    x-axis [{names}]\n    y-axis "{y}" {low:g} --> {high * 1.05:g}'
    return f"```mermaid\n{head}\n{series}\n```\n\n"


def flow(steps: Sequence[tuple[str, str, int]]) -> str:
    """A Mermaid Sankey chart of (from, to, count) as Markdown."""
    rows = "\n".join(f"{source},{target},{count}" for source, target, count in steps if count)
    return f"```mermaid\nsankey-beta\n\n{rows}\n```\n\n"


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    head = f"| {' | '.join(names)} |\n|{' --- |' * len(names)}\n"
    return head + "".join(f"| {' | '.join(str(value) for value in row)} |\n" for row in rows)


def caption(text: str) -> str:
    """A paragraph of Markdown on one line."""
    return f"{' '.join(text.split())}\n\n"


class Company:
    """A generated company: its files and its truth as tables of one in-memory database."""

    def __init__(self, files: Path, truth: Path) -> None:
        self._db = duckdb.connect()
        self._db.execute("set TimeZone = 'UTC'")
        for name, glob in {
            "orders": "shop/orders/*.parquet",
            "lines": "shop/lines/*.parquet",
            "answers": "survey/responses/*.parquet",
            "visits": "web/visits/*.parquet",
            "contacts": "marketing/contacts_*.parquet",
        }.items():
            self._db.execute(f"create view {name} as from read_parquet('{files / glob}', union_by_name = true)")
        for path in truth.glob("*.parquet"):
            self._db.execute(f"create view true_{path.stem} as from '{path}'")
        self._db.execute(
            """create view who as
            select split_part(record_id, ':', 1) as customer_system, split_part(record_id, ':', 2) as customer_no,
                true_customer_id from true_record_customer"""
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self._db.execute(sql).fetchall()

    def columns(self, sql: str) -> list[list[Any]]:
        """Columns of a query."""
        return [list(column) for column in zip(*self.rows(sql), strict=True)]


def seasons(company: Company) -> str:
    """Orders by month, and the late ones."""
    month, orders, late = company.columns(
        """select strftime(ordered_at, '%Y-%m') as month, count(*),
            round(100.0 * count(*) filter (where delivered_at > promised_at) / count(delivered_at), 1)
        from orders where status <> 'canceled' and ordered_at >= '2023-08-01' group by 1 order by 1"""
    )
    return (
        "## Seasons\n\n"
        + caption(
            """Orders grow with the customers and swell before Christmas; planted weights are 0.86 (February) to 1.22
            (December), with a black week in November."""
        )
        + chart("Orders a month", [name[2:] for name in month], "orders", Line("bar", orders))
        + caption("Parcels that came after their promise; planted are 12%, in November and December 18%.")
        + chart("Late parcels", [name[2:] for name in month], "% of parcels", Line("bar", late))
    )


def cohorts(company: Company) -> str:
    """Customers of four quarters: buying, and still there in truth."""
    rows = company.rows(
        """with cohort as (
            select true_customer_id, date_trunc('quarter', join_date) as quarter from true_customer
            where join_date between '2023-10-01' and '2025-06-30'),
        bought as (
            select distinct cohort.true_customer_id, cohort.quarter,
                date_diff('quarter', cohort.quarter, orders.ordered_at::date) as age
            from orders join who using (customer_system, customer_no) join cohort using (true_customer_id)
            where orders.status <> 'canceled'),
        size as (select quarter, count(*) as n from cohort group by 1),
        gone as (
            select true_customer_id, min(left_on) as left_on from true_departure group by 1)
        select strftime(size.quarter, '%Y') || ' Q' || quarter(size.quarter), size.n,
            list(round(100.0 * (select count(*) from bought where bought.quarter = size.quarter and bought.age = a) / n)
                order by a),
            list(round(100.0 * (select count(*) from cohort left join gone using (true_customer_id)
                where cohort.quarter = size.quarter
                and coalesce(left_on >= size.quarter + interval (a + 1) quarter, true)) / n) order by a)
        from size, range(1, 5) as later(a) group by size.quarter, size.n order by size.quarter"""
    )
    return (
        "## Cohorts\n\n"
        + caption(
            """Of the customers who joined in a quarter, the share that buys in each of the next four quarters, and the
            share that in truth has not left by the end of it. Those who came in the last quarter of a year came for its
            discounts and leave sooner (+0.4 log-odds)."""
        )
        + table(
            [
                "joined",
                "customers",
                *(f"buys in +{k}" for k in range(1, 5)),
                *(f"true: there at +{k}" for k in range(1, 5)),
            ],
            [[name, n, *(f"{v:.0f}%" for v in buys), *(f"{v:.0f}%" for v in there)] for name, n, buys, there in rows],
        )
    )


def paths(company: Company) -> str:
    """From basket to answer."""
    ((basket, checkout),) = company.rows(
        "select count(*) filter (where type = 'basket' and order_no is null),"
        " count(*) filter (where type = 'checkout' and order_no is null) from visits where customer_no is not null"
    )
    counts = dict(
        company.rows(
            """select what, count(*) from (
                select case when delivered_at > promised_at then 'late' when delivered_at is not null then 'in time'
                    when status = 'canceled' then 'canceled' else 'under way' end as what
                from orders where channel in ('web', 'app') and customer_no is not null) group by 1"""
        )
    )
    seen = sum(counts.values())
    stuck = company.rows(
        """select strftime(occurred_at, '%Y-%m'),
            round(100.0 * count(*) filter (where type = 'checkout' and channel = 'app')
                / count(*) filter (where channel = 'app')),
            round(100.0 * count(*) filter (where type = 'checkout' and channel = 'web')
                / count(*) filter (where channel = 'web'))
        from visits where type in ('basket', 'checkout') and order_no is null and customer_no is not null
        and occurred_at >= '2023-08-01' group by 1 order by 1"""
    )
    month, app, web = (list(column) for column in zip(*stuck, strict=True))
    return (
        "## Paths\n\n"
        + caption("What happened to baskets and orders on line. Sessions before an order are seen for 15% of them.")
        + flow(
            [
                ("Basket", "Given up at the basket", basket),
                ("Basket", "Checkout", checkout + seen),
                ("Checkout", "Given up at the checkout", checkout),
                ("Checkout", "Order", seen),
                *(("Order", {"late": "Delivered late", "in time": "Delivered in time", "canceled": "Canceled",
                             "under way": "Under way"}[what], count) for what, count in sorted(counts.items())),
            ]
        )
        + caption(
            """Of what was given up with something in the basket, the share that had reached the checkout; bars: app,
            line: web. From 2025-03-08 to 2025-09-03 the app's checkout was broken."""
        )
        + chart("Given up at the checkout", [name[2:] for name in month], "%", Line("bar", app), Line("line", web))
    )  # fmt: skip


def satisfaction(company: Company) -> str:
    """Scores over time, and what they are worth."""
    month, nps = company.columns(
        """select strftime(responded_at, '%Y-%m'), round(100.0 * (count(*) filter (where score >= 9)
            - count(*) filter (where score <= 6)) / count(*), 1)
        from answers where metric = 'nps' and score <= 10 and responded_at is not null group by 1
        having count(*) > 100 order by 1"""
    )
    groups = company.rows(
        """with answer as (
            select true_customer_id, responded_at, case when score >= 9 then 'promoters' when score >= 7 then 'passives'
                else 'detractors' end as kind
            from answers join who using (customer_system, customer_no)
            where metric = 'nps' and score <= 10 and responded_at < '2025-12-31'),
        spent as (
            select answer.kind, answer.true_customer_id, coalesce(sum(lines.net_amount), 0) as amount
            from answer left join who using (true_customer_id)
            left join lines on lines.customer_system = who.customer_system and lines.customer_no = who.customer_no
                and lines.booked_at > answer.responded_at
                and lines.booked_at < answer.responded_at + interval 182 day
            group by answer.kind, answer.true_customer_id, answer.responded_at)
        select kind, count(*), round(avg(amount), 0), round(1.96 * stddev(amount) / sqrt(count(*)), 0),
            round(100.0 * count(*) filter (where amount > 0) / count(*))
        from spent group by 1 order by 3"""
    )
    return (
        "## Scores and what they are worth\n\n"
        + caption(
            """NPS of the relational survey. It follows the relationship, and with it the deliveries and complaints of
            the months before."""
        )
        + chart("NPS", [name[2:] for name in month], "NPS", Line("line", nps))
        + caption(
            """Spending in the half year after an answer. Planted: the relationship moves the purchase rate by exp(0.5)
            and the impressions by 0.6 standard deviations for each of its units, which lie between -1.2 and 1.2 before
            anything happens."""
        )
        + table(
            ["answered as", "answers", "EUR in the next 182 days", "who buys"],
            [[kind, n, f"{mean:.0f} ± {error:.0f}", f"{buys:.0f}%"] for kind, n, mean, error, buys in groups],
        )
    )


def expectation(company: Company) -> str:
    """What was expected of touchpoints beside how they felt, in the same answers."""
    rows = company.rows(
        """with pair as (
            select touchpoint, avg(score) filter (where metric = 'expectation') as expected,
                avg(score) filter (where metric = 'csat') as lived, count(distinct response_no) as n
            from answers where survey_type = 'relational' and score <= 5 and touchpoint in (
                select touchpoint from true_expectation) group by 1)
        select pair.touchpoint, n, round(expected, 2), round(lived, 2), round(lived - expected, 2),
            expectation_shift
        from pair join true_expectation using (touchpoint) order by 5"""
    )
    return (
        "## Expectation and reality\n\n"
        + caption(
            """Mean of 1 to 5 in the relational survey, which asks both of those who used the touchpoint. Planted is
            what is expected beyond the usual, in standard deviations of 0.9 points."""
        )
        + table(["touchpoint", "answers", "expected", "lived", "gap", "true: expected beyond the usual"], rows)
    )


def campaigns(company: Company) -> str:
    """Who buys for being contacted, by the class that no file shows."""
    rows = company.rows(
        """with contact as (
            select true_customer_id, response_class, arm, contacted_at, campaign_id from contacts
            join who using (customer_system, customer_no) join true_customer using (true_customer_id)
            where arm in ('treatment', 'control') and contact_id not like '%X'),
        bought as (
            select distinct contact.true_customer_id, contact.campaign_id
            from contact join who using (true_customer_id) join orders
                on orders.customer_system = who.customer_system and orders.customer_no = who.customer_no
                and orders.ordered_at >= contact.contacted_at::date
                and orders.ordered_at < contact.contacted_at::date + interval 30 day
            where orders.status <> 'canceled'),
        share as (
            select response_class, arm, count(*) as n, avg((bought.campaign_id is not null)::int) as share
            from contact left join bought using (true_customer_id, campaign_id) group by 1, 2),
        truth as (
            select response_class, sum(treated_count * purchase_probability_uplift) / sum(treated_count) as uplift
            from true_campaign_class group by 1)
        select treated.response_class, treated.n, held.n, round(100 * treated.share, 1), round(100 * held.share, 1),
            round(100 * (treated.share - held.share), 1) || ' ± ' || round(196 * sqrt(
                treated.share * (1 - treated.share) / treated.n + held.share * (1 - held.share) / held.n), 1),
            round(100 * uplift, 1)
        from share as treated join share as held using (response_class) join truth using (response_class)
        where treated.arm = 'treatment' and held.arm = 'control' order by uplift desc"""
    )
    return (
        "## Campaigns\n\n"
        + caption(
            """Share that buys within 30 days of a contact and of those held out at random, by the class of the
            customer, which no file shows. Who sends to everybody also sends to those who buy less for it."""
        )
        + table(["class", "contacted", "held out", "buy %", "buy % held out", "points more", "true"], rows)
    )


def leaving(company: Company) -> str:
    """Visits before departures, and why customers left."""
    days, visits = company.columns(
        """with gone as (select true_customer_id, min(left_on) as left_on from true_departure group by 1),
        step as (
            select date_diff('day', left_on, (occurred_at at time zone 'UTC' at time zone 'Europe/Berlin')::date) as day
            from visits join who using (customer_system, customer_no) join gone using (true_customer_id)
            where order_no is null and left_on between '2024-01-01' and '2026-05-31')
        select day, round(1000.0 * count(*)
            / (select count(*) from gone where left_on between '2024-01-01' and '2026-05-31'), 1)
        from step where day between -45 and 30 and day % 3 = 0 group by 1 order by 1"""
    )
    hazards = company.rows(
        """select name, count(*), round(100.0 * avg(has_left::int), 1) from (
            select unnest(['nothing of it', 'late delivery', 'open complaint', 'badly handled ticket',
                'silent disappointment']) as name,
                unnest([not (has_late_delivery or has_open_complaint or has_low_service or has_silent_disappointment),
                has_late_delivery, has_open_complaint, has_low_service, has_silent_disappointment]) as here, has_left
            from true_customer_cut where is_active and has_left is not null)
        where here group by 1 order by 3"""
    )
    return (
        "## Leaving\n\n"
        + caption(
            """Visits of 1,000 customers on each day before (negative) and after the day on which they left, which no
            file shows. In the days of the period before it 60% of the visits are missing; afterwards a tenth of the
            usual rate goes on."""
        )
        + chart("Visits around the last day", [str(day) for day in days], "visits of 1,000", Line("bar", visits))
        + caption(
            "Of customers who were there, the share that left within 30 days, by what the period before had brought."
        )
        + table(["in the period before", "customers and periods", "left"], [[a, b, f"{c}%"] for a, b, c in hazards])
    )


def page(company: Company, scale: float, seed: int) -> str:
    """The whole page."""
    return (
        "# The sample company in pictures\n\n"
        + caption(
            f"""Nordlicht is invented, and its truth is known: what was planted, how strong it is and where the truth
            stands is told in [its package](../cx_assets/sample_company/__init__.py). This page shows what came of it,
            the truth beside it, at scale {scale:g} and seed {seed}. `make sample-page` writes it."""
        )
        + "\n".join(part(company) for part in (seasons, cohorts, paths, satisfaction, expectation, campaigns, leaving))
    )


def main(arguments: list[str] | None = None) -> int:
    """Generate the company and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=SCALE)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="cx-sample-page-") as folder:
        files, truth = Path(folder) / "files", Path(folder) / "truth"
        generate(files, scale=given.scale, seed=given.seed, truth=truth)
        given.output.write_text(page(Company(files, truth), given.scale, given.seed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
