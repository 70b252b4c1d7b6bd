"""What the raw Olist files say, read with the standard library alone.

Nothing here knows the platform: these figures are the other side of every reconciliation. Timestamps in the
files are local to São Paulo, except those of the closed deals, which are UTC.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from tests.conftest import real_data_dir

ZONE = ZoneInfo("America/Sao_Paulo")
CENT = Decimal("0.01")

Row = dict[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Rows of one file, in file order, every value as text; an empty field is the empty string.

    Args:
        name: File name without the prefix olist_ and the suffix _dataset.csv.
    """
    return _read(f"olist_{name}_dataset.csv")


def translations() -> tuple[Row, ...]:
    """Rows of the category translation, whose file begins with a byte order mark."""
    return _read("product_category_name_translation.csv")


def _read(file_name: str) -> tuple[Row, ...]:
    with (real_data_dir("olist") / file_name).open(encoding="utf-8-sig", newline="") as file:
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
    """What was ordered in one local purchase month; every status counts, also the canceled orders.

    A payment has no date in the files and counts in the month of its order.
    """

    order_count: int
    canceled_order_count: int
    customer_count: int
    new_customer_count: int
    line_count: int
    net_amount: Decimal
    shipping_amount: Decimal
    paid_amount: Decimal


def activity_by_month() -> dict[str, Month]:
    """Orders, persons, items, price, freight and payments per local month (YYYY-MM) of purchase."""
    orders: dict[str, list[Row]] = defaultdict(list)
    for order in rows("orders"):
        orders[order["order_purchase_timestamp"][:7]].append(order)
    lines: dict[str, list[Row]] = defaultdict(list)
    for item in rows("order_items"):
        lines[item["order_id"]].append(item)
    seen: set[str] = set()
    months = {}
    for name, listed in sorted(orders.items()):
        ids = [order["order_id"] for order in listed]
        persons = {person_of_order()[order_id] for order_id in ids}
        bought = [line for order_id in ids for line in lines[order_id]]
        months[name] = Month(
            order_count=len(ids),
            canceled_order_count=sum(order["order_status"] in ("canceled", "unavailable") for order in listed),
            customer_count=len(persons),
            new_customer_count=len(persons - seen),
            line_count=len(bought),
            net_amount=sum((Decimal(line["price"]) for line in bought), Decimal(0)),
            shipping_amount=sum((Decimal(line["freight_value"]) for line in bought), Decimal(0)),
            paid_amount=sum((paid_sums().get(order_id, Decimal(0)) for order_id in ids), Decimal(0)),
        )
        seen |= persons
    return months


def last_event_date() -> date:
    """Latest local date on which any file says that something happened: a purchase, an answer, a won deal."""
    purchased = max(order["order_purchase_timestamp"] for order in rows("orders"))
    answered = max(review["review_answer_timestamp"] for review in rows("order_reviews"))
    won = datetime.fromisoformat(max(deal["won_date"] for deal in rows("closed_deals"))).replace(tzinfo=UTC)
    return max(*(datetime.fromisoformat(text).date() for text in (purchased, answered)), won.astimezone(ZONE).date())


def said_something() -> set[tuple[str, str]]:
    """Review and order of every review whose title or message holds more than blanks and line ends."""
    return {
        (row["review_id"], row["order_id"])
        for row in rows("order_reviews")
        if (row["review_comment_title"] + row["review_comment_message"]).strip(" \t\r\n")
    }
