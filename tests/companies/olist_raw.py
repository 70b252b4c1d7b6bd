"""What the raw Olist files say, read with the standard library alone.

Nothing here knows the platform: these figures are the other side of every reconciliation. Timestamps in the
files are local to São Paulo, except those of the closed deals, which are UTC.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from tests.conftest import olist_dir

ZONE = ZoneInfo("America/Sao_Paulo")
CENT = Decimal("0.01")

Row = dict[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Rows of one file, in file order, every value as text; an empty field is the empty string.

    Args:
        name: File name without the prefix olist_ and the suffix _dataset.csv.
    """
    path = olist_dir() / f"olist_{name}_dataset.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def local_instants(text: str) -> set[datetime]:
    """Naive UTC instants that a local reading can mean: two in the hour that summer time's end repeats."""
    reading = datetime.fromisoformat(text)
    both = (reading.replace(tzinfo=ZONE, fold=fold) for fold in (0, 1))
    return {instant.astimezone(UTC).replace(tzinfo=None) for instant in both}


@dataclass(frozen=True)
class Answers:
    """Answers of one month: how many, the sum of their scores, and how many are 4 or 5."""

    count: int
    score_sum: int
    top_two_count: int

    @property
    def mean_score(self) -> float:
        """Mean score, 1 to 5."""
        return self.score_sum / self.count

    @property
    def top_two_share(self) -> float:
        """Share of answers 4 and 5, 0 to 1."""
        return self.top_two_count / self.count


def answers(scores: Iterable[int]) -> Answers:
    """Count, sum and top-two count of scores."""
    listed = list(scores)
    return Answers(len(listed), sum(listed), sum(score >= 4 for score in listed))


def answers_by_month() -> dict[str, Answers]:
    """Answers per local month (YYYY-MM) in which they were given; a review of two orders answers for each."""
    scores: dict[str, list[int]] = defaultdict(list)
    for review in rows("order_reviews"):
        scores[review["review_answer_timestamp"][:7]].append(int(review["review_score"]))
    return {month: answers(listed) for month, listed in sorted(scores.items())}


def orders_by_status() -> dict[str, int]:
    """Number of orders per status."""
    return dict(Counter(order["order_status"] for order in rows("orders")))


@cache
def person_of_order() -> dict[str, str]:
    """Person (customer_unique_id) behind each order_id."""
    person = {row["customer_id"]: row["customer_unique_id"] for row in rows("customers")}
    return {order["order_id"]: person[order["customer_id"]] for order in rows("orders")}


@cache
def ordered_sums() -> dict[str, Decimal]:
    """Items plus freight per order_id; an order without items is absent."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in rows("order_items"):
        sums[item["order_id"]] += Decimal(item["price"]) + Decimal(item["freight_value"])
    return dict(sums)


@cache
def paid_sums() -> dict[str, Decimal]:
    """Payments per order_id; an order without payments is absent."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment in rows("order_payments"):
        sums[payment["order_id"]] += Decimal(payment["payment_value"])
    return dict(sums)


def settlement_differences() -> dict[str, Decimal]:
    """Paid minus items plus freight, per order with items where the two differ; unpaid counts as 0."""
    paid = paid_sums()
    differences = {order: paid.get(order, Decimal(0)) - due for order, due in ordered_sums().items()}
    return {order: difference for order, difference in differences.items() if difference}


def column_sum(name: str, column: str) -> Decimal:
    """Sum of a money column of one file, to the cent."""
    return sum((Decimal(row[column]) for row in rows(name)), Decimal(0)).quantize(CENT)


@dataclass(frozen=True)
class Month:
    """What was bought in one local purchase month; every status counts, also the canceled orders."""

    order_count: int
    line_count: int
    net_amount: Decimal
    shipping_amount: Decimal
    customer_count: int
    """Persons with at least one item bought."""


def activity_by_month() -> dict[str, Month]:
    """Orders, items, price, freight and buying persons per local month (YYYY-MM) of purchase."""
    month_of = {order["order_id"]: order["order_purchase_timestamp"][:7] for order in rows("orders")}
    orders = Counter(month_of.values())
    lines: dict[str, list[Row]] = defaultdict(list)
    for item in rows("order_items"):
        lines[month_of[item["order_id"]]].append(item)
    person = person_of_order()
    return {
        month: Month(
            order_count=count,
            line_count=len(lines[month]),
            net_amount=sum((Decimal(line["price"]) for line in lines[month]), Decimal(0)),
            shipping_amount=sum((Decimal(line["freight_value"]) for line in lines[month]), Decimal(0)),
            customer_count=len({person[line["order_id"]] for line in lines[month]}),
        )
        for month, count in sorted(orders.items())
    }
