"""What goods, work and returns cost the company; prices are in `catalogue`, who returns what in `purchases`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cents = NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """Costs in EUR cents. Goods cost a share of the list price, one per category in the catalogue's order.

    Attributes:
        category_shares: Kitchen, Living, Garden, Sports, Fashion, Shoes, Beauty, Toys, Books, Electronics, Office and
            Pets.
        full_refund_days: A return in so many days after the delivery (in a shop after the sale) is paid back in full.
        later_refund_percent: Part of the amount that a later return brings back, rounded down to the cent.
        call, advice: Fixed cost of a call and of a consultation in a shop, and cost of each minute begun.
        ticket: The same for the work on a ticket after the first contact, by its channel: email, phone, chat, web and
            store.
        ticket_minutes: Mean of the minutes worked on a ticket, exponential, at least 1.
    """

    category_shares: tuple[float, ...] = (0.55, 0.52, 0.60, 0.58, 0.45, 0.50, 0.48, 0.62, 0.65, 0.75, 0.57, 0.60)
    full_refund_days: int = 14
    later_refund_percent: int = 90
    call: tuple[int, int] = (150, 80)
    advice: tuple[int, int] = (50, 60)
    ticket: tuple[tuple[int, int], ...] = ((120, 70), (200, 85), (80, 75), (100, 70), (60, 65))
    ticket_minutes: float = 11.0


def unit_costs(price: Cents, category: NDArray[np.int64], costs: Costs) -> Cents:
    """What one piece of each product costs, in whole cents."""
    return np.round(price * np.array(costs.category_shares)[category]).astype(np.int64)


def refunds(paid: Cents, days: NDArray[np.int64], costs: Costs) -> Cents:
    """What is paid back for each return, so many days after the customer had the goods."""
    return np.where(days <= costs.full_refund_days, paid, paid * costs.later_refund_percent // 100)


def contact_costs(seconds: NDArray[np.float64], rate: tuple[int, int]) -> Cents:
    """Fixed cost and cost of the minutes begun of each contact."""
    fixed, each = rate
    return fixed + each * np.ceil(seconds / 60).astype(np.int64)


def ticket_costs(rng: np.random.Generator, channel: NDArray[np.int64], costs: Costs) -> Cents:
    """What the work on each ticket costs once it is resolved."""
    minutes = np.maximum(1, np.ceil(rng.exponential(costs.ticket_minutes, len(channel)))).astype(np.int64)
    fixed, each = np.array(costs.ticket).T
    return fixed[channel] + each[channel] * minutes
