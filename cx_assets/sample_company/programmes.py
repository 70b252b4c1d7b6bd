"""Numbers of marketing, its programmes and the delivery pass; `parameters` gathers them with all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spending:
    """What is spent on each origin of leads, in the order of `spending.ORIGINS`.

    Attributes:
        daily_cents: Mean cost of a day at scale 1; it follows the seasons and scatters by `scatter` (log scale).
        click_cents: Cost of a click; 0 where nothing is clicked.
        clicks_per_mille: Clicks in a thousand impressions.
        fair_months: Months (1 January) in which fairs are held and paid; the other origins are paid all year.
        held_out_origin, held_out_region: In this federal state nothing is spent on this origin on the days from
            `held_out_from` to before `held_out_until`; elsewhere it goes on.
    """

    daily_cents: tuple[int, ...] = (140_000, 95_000, 12_000, 30_000, 90_000, 40_000)
    scatter: float = 0.12
    click_cents: tuple[int, ...] = (62, 38, 9, 0, 0, 45)
    clicks_per_mille: tuple[int, ...] = (34, 9, 25, 1, 1, 6)
    fair_months: tuple[int, ...] = (3, 9)
    held_out_origin: str = "search"
    held_out_region: str = "Nordrhein-Westfalen"
    held_out_from: str = "2025-10-01"
    held_out_until: str = "2025-12-01"


@dataclass(frozen=True)
class CampaignHabits:
    """Who is moved by contacts, and how they are reached.

    Attributes:
        class_shares: Shares of `campaigns.RESPONSE_CLASSES` among light and heavy buyers under 40, light and heavy
            buyers of 40 and over (companies among them); heavy are the rate classes from `heavy_from` on.
        contact_shares: Share of the contacts by each of `campaigns.CHANNELS`, drawn at random for each contact.
        preferred_shares: Customers who prefer each channel, under 40 and others.
        hours: Hours of the day around which customers read, each as often.
    """

    class_shares: tuple[tuple[float, ...], ...] = (
        (0.60, 0.10, 0.20, 0.10),
        (0.35, 0.50, 0.05, 0.10),
        (0.25, 0.15, 0.45, 0.15),
        (0.10, 0.60, 0.15, 0.15),
    )
    heavy_from: int = 4
    contact_shares: tuple[float, ...] = (0.60, 0.15, 0.15, 0.10)
    preferred_shares: tuple[tuple[float, ...], ...] = ((0.30, 0.20, 0.45, 0.05), (0.50, 0.10, 0.10, 0.30))
    hours: tuple[int, ...] = (8, 12, 18, 21)


@dataclass(frozen=True)
class ConsentHabits:
    """How consents to marketing end.

    Attributes:
        withdrawal_log_odds: Of taking a consent back in 30 days, for those not contacted in the last 60 days;
            `Effects.contact_fatigue` is added for each contact in that time.
        link_share: Of those contacted in the same period, who take it back by the link in the message.
    """

    withdrawal_log_odds: float = -5.3
    link_share: float = 0.7


@dataclass(frozen=True)
class LoyaltyProgramme:
    """The loyalty programme, which began with the data.

    Attributes:
        class_shares: By rate class, active customers who join it with their first purchase; of those who came before
            the data began, in its first period. Heavy buyers join more often, and would buy as much without it.
        later_factor: The others join in each later period with this part of that share.
        welcome_points: Points for joining.
        points_per_euro: Points for each euro of goods in an order, rounded down; returns take them back.
        redeem_step, step_euros: Points are redeemed in such steps, each for a voucher of so many euros.
        redeem_chance: Members with at least a step who redeem one or several in a month.
        expiry_months: Points expire so many months after the end of the month in which they were earned.
        tier_points: Points of the twelve months before from which a month is silver, gold; bronze below.
    """

    class_shares: tuple[float, ...] = (0.10, 0.15, 0.22, 0.30, 0.38, 0.46, 0.54, 0.60)
    later_factor: float = 0.05
    welcome_points: int = 100
    points_per_euro: int = 2
    redeem_step: int = 500
    step_euros: int = 5
    redeem_chance: float = 0.15
    expiry_months: int = 18
    tier_points: tuple[int, int] = (1_000, 3_000)


@dataclass(frozen=True)
class Passes:
    """The delivery pass, a subscription that changes no purchase.

    Attributes:
        start_share: Active customers without one who take it in 30 days; nobody takes a second one.
        yearly_share: Passes billed by the year, the others by the month.
        amounts_cents: Price of a month and of a year.
        cancel_share_active: Holders who give notice in 30 days while they are active customers.
        cancel_share_gone: The same of those who have left.
        never_cancel_share: Holders who never give notice, though they may have left.
    """

    start_share: float = 0.004
    yearly_share: float = 0.35
    amounts_cents: tuple[int, int] = (499, 3_900)
    cancel_share_active: float = 0.01
    cancel_share_gone: float = 0.30
    never_cancel_share: float = 0.25


@dataclass(frozen=True)
class Recommendations:
    """Customers recommending the company to others; `Effects.recommender_mood` says who does.

    Attributes:
        unanswered_per_lead: Recommendations that bring nobody, for each won lead of the origin referral.
        valid_days: After so many days without a purchase a recommendation has expired.
        reward_cents: For a recommendation that brought a customer.
    """

    unanswered_per_lead: float = 1.5
    valid_days: int = 90
    reward_cents: int = 1_000
