"""Numbers behind words, employees, interfaces and tickets; those of customers and purchases are in `parameters`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TouchpointEffects:
    """What moves impressions (in standard deviations of the impression) and calls; all zero in the null company.

    Attributes:
        morale: Per standard deviation of the morale that the touchpoint's unit had two periods before.
        improvement: Rise at the touchpoint `checkout` from `IMPROVEMENT_DATE` on, for customers in Germany alone.
        task_success: At the touchpoint `app`, per ten points of its release's task success above the usual.
        unclear_calls: Share of the unclear delivery notices that bring a call more to the service desk.
    """

    morale: float = 0.20
    improvement: float = 0.6
    task_success: float = 0.35
    unclear_calls: float = 0.06

    @staticmethod
    def none() -> TouchpointEffects:
        """Impressions that neither employees nor releases nor improvements move."""
        return TouchpointEffects(0.0, 0.0, 0.0, 0.0)


IMPROVEMENT_DATE = date(2025, 9, 15)


@dataclass(frozen=True)
class CellEffects:
    """What differs between channels, products and kinds of customer; all zero in the null company.

    Attributes:
        app_checkout: Standard deviations added to the impression of the checkout after orders in the app.
        shoes_product: The same at the touchpoint `product`, after orders whose first article is shoes.
        company_advice: The same at the touchpoint `advice`, for companies.
        app_electronics_price: Share by which the app's price of electronics lies over the list price.
        phone_promise_hours: Hours by which parcels ordered by telephone are promised earlier; they come no sooner.
    """

    app_checkout: float = -0.4
    shoes_product: float = -0.6
    company_advice: float = -0.5
    app_electronics_price: float = 0.05
    phone_promise_hours: int = 6

    @staticmethod
    def none() -> CellEffects:
        """The same for everybody on every channel."""
        return CellEffects(0.0, 0.0, 0.0, 0.0, 0)


@dataclass(frozen=True)
class WorkforceRates:
    """Employees of the units that own touchpoints. Rates are per 30 days.

    Attributes:
        employees_at_scale_one: All units together; `smallest_unit` is the least number in each.
        persistence: Autocorrelation of a unit's morale from one period to the next; its variance is 1.
        planted_noise: Standard deviation of the same series in the two units with a planted course.
        planted_from, planted_to: Level before `planted_period`, and in the last period, of the unit whose morale
            rises; the declining unit has the same with the other sign.
        answer_share: Employees who answer each wave, one wave in three periods; `comment_share` of them write.
        enps_mean, enps_per_morale, enps_noise: Points of 0-10.
        leave_base, leave_per_morale: Log-odds of giving notice in a period, and what a standard deviation adds.
        dismissed_share: Those whom the company lets go in a period, whatever the morale.
        interviewed_share: Leavers who are interviewed.
        reasons: Relative frequency of each reason for giving notice at morale 0; all but `moving` are
            `reason_per_morale` (log) rarer with each standard deviation of morale.
    """

    employees_at_scale_one: int = 2_400
    smallest_unit: int = 20
    persistence: float = 0.85
    planted_noise: float = 0.3
    planted_period: int = 17
    planted_from: float = -0.8
    planted_to: float = 1.6
    answer_share: float = 0.65
    comment_share: float = 0.25
    enps_mean: float = 6.6
    enps_per_morale: float = 1.0
    enps_noise: float = 1.7
    leave_base: float = -4.1
    leave_per_morale: float = -0.7
    dismissed_share: float = 0.003
    interviewed_share: float = 0.8
    reasons: tuple[tuple[str, float], ...] = (
        ("pay", 0.22), ("workload", 0.20), ("management", 0.18), ("tools", 0.08), ("moving", 0.32)
    )  # fmt: skip
    reason_per_morale: float = -0.5


@dataclass(frozen=True)
class InterfaceRates:
    """The app and how it is measured.

    Attributes:
        release_days: Days that a release is in use.
        task_success, task_success_spread: Share of tasks that users finish with a usual release, up to the spread
            more or less.
        worse_release: Position of the release with `worse_task_success`; its store ratings are those of all others.
        testers: Users who try each task of a release on each platform.
        ratings_at_scale_one, least_ratings: Mean ratings per day and platform.
        stars, stars_noise: Mean of the ratings and their standard deviation.
    """

    release_days: int = 60
    task_success: float = 0.86
    task_success_spread: float = 0.05
    worse_release: int = 11
    worse_task_success: float = 0.60
    testers: int = 40
    ratings_at_scale_one: float = 300.0
    least_ratings: float = 4.0
    stars: float = 4.1
    stars_noise: float = 1.1


@dataclass(frozen=True)
class WordShares:
    """What survey comments hold, as shares of the texts; of the negative ones alone for `sarcastic` and `urgent`.

    Attributes:
        reason: Positive and negative texts that say why; those about something that went wrong always do.
        price: Texts about advertising, products and points that are about the price.
        mixed: Texts with an aside about another topic that says the opposite; none of the neutral ones.
    """

    reason: float = 0.7
    price: float = 0.25
    sarcastic: float = 0.08
    urgent: float = 0.06
    mixed: float = 0.10
    misspelt: float = 0.12
    emoji: float = 0.12
    personal_data: float = 0.03


@dataclass(frozen=True)
class DeskRates:
    """Urgency of tickets and how fast they are answered.

    Attributes:
        more_urgent, much_more_urgent: Tickets that are a step more urgent, independently; a complaint is one as well.
        priority_agrees: Tickets whose priority is their urgency; the others' is a step lower (of low ones, higher).
        deadline_hours: Until the first answer, for the priorities low, normal, high and urgent.
        in_time: Share of a unit's tickets that are answered within the deadline.
    """

    more_urgent: float = 0.3
    much_more_urgent: float = 0.1
    priority_agrees: float = 0.9
    deadline_hours: tuple[float, ...] = (48.0, 24.0, 8.0, 2.0)
    in_time: tuple[tuple[str, float], ...] = (
        ("logistics", 0.72), ("service", 0.90), ("stores", 0.65), ("sales", 0.80), ("assortment", 0.85)
    )  # fmt: skip


@dataclass(frozen=True)
class MessageRates:
    """Messages that the company sends.

    Attributes:
        notice: Online orders of which a delivery notice is kept; of the others it is the order's confirmation.
        newsletter: Customers of a campaign's contacts who get it as a newsletter.
        unclear: Messages from the unclear one of their type's two templates.
        app: Messages in the app; the others are e-mails.
        opened, clicked: Shares of the messages.
        calls: Delivery notices after which the customer calls the service desk; `TouchpointEffects.unclear_calls`
            are added for unclear ones.
    """

    notice: float = 0.5
    newsletter: float = 0.25
    unclear: float = 0.4
    app: float = 0.15
    opened: float = 0.55
    clicked: float = 0.12
    calls: float = 0.02
