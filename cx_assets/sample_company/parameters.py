"""Every number the sample company is made from; the code that uses them is in the sibling modules."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cx_assets.sample_company.costs import Costs
from cx_assets.sample_company.programmes import (
    CampaignHabits,
    ConsentHabits,
    LoyaltyProgramme,
    Passes,
    Recommendations,
    Spending,
)
from cx_assets.sample_company.voice_parameters import (
    CellEffects,
    DeskRates,
    InterfaceRates,
    MessageRates,
    TouchpointEffects,
    WordShares,
    WorkforceRates,
)

EMBEDDED_SCALE = 0.005
DEFAULT_SEED = 42
CUSTOMERS_AT_SCALE_ONE = 1_000_000
PERIOD_DAYS = 30
PERIOD_COUNT = 36
CUT_COUNT = 9
ELIGIBLE_DAYS = 90
CAMPAIGN_HALF_LIFE_DAYS = 7

TOUCHPOINTS = (
    "advertising",
    "website",
    "app",
    "store",
    "advice",
    "checkout",
    "delivery",
    "product",
    "returns",
    "service_desk",
    "complaint",
    "loyalty_programme",
)


def _drivers() -> dict[str, float]:
    weights = (0.0, 0.35, 0.25, 0.50, 0.30, 0.40, 0.90, 0.70, 0.25, 0.80, 0.60, 0.10)
    return dict(zip(TOUCHPOINTS, weights, strict=True))


def _expectations() -> dict[str, float]:
    return {"app": -0.4, "checkout": 0.0, "delivery": 0.7, "product": 0.2, "service_desk": 0.5}


@dataclass(frozen=True)
class Effects:
    """Planted effects; all of them are zero in the null company.

    Attributes:
        late_delivery: Log-odds added to leaving in the period after one with a late delivery.
        open_complaint: Log-odds added while a complaint is unresolved at the end of the period.
        low_service: Log-odds added after a badly handled ticket (its survey, if answered, shows 1 or 2 of 5).
        silent_disappointment: Log-odds added by a disappointment that no file records.
        campaign_uplift: Relative rise of the purchase rate in the 30 days after a contact, one per campaign,
            repeated in turn; multiplied by the factor of the customer's class and by that of the channel. Purchases
            that a contact draws fall on its first days: their rate halves every `CAMPAIGN_HALF_LIFE_DAYS`.
        class_factors: Of `campaigns.RESPONSE_CLASSES`; sleeping dogs buy less for being contacted.
        preferred_channel, other_channel: Factors of a contact by the customer's preferred channel, and by another.
        driver_weights: NPS points per standard deviation of the impression at each touchpoint.
        incremental_shares: Share of the won leads of each origin that would not have come without its spending.
        contact_fatigue: Log-odds added to taking back the consent by each campaign contact in the last 60 days.
        loyalty_growth: Relative rise of the purchase rate of members of the loyalty programme.
        recommender_mood: Log of how much more often one recommends with each standard deviation of mood.
        bad_shift: Standard deviations added to the impression at its own touchpoint by what went wrong.
        relationship_leaving: Log-odds of leaving per unit of the relationship (see `Relationship`).
        relationship_rate: Log of the purchase rate per unit.
        relationship_visits: Log of the visit rate per unit.
        relationship_impression: Standard deviations of every impression per unit.
        relationship_answering: Log of the share of answers per unit, except after tickets.
        onboarding: Log-odds of leaving in the first half year of those who took the tour.
        turn_down: Share of the visits that is missing in the days before somebody leaves.
        stuck_checkout: Share of the baskets given up in the app that got as far as the checkout while it was broken.
        touchpoints: What else moves impressions: employees, an improvement, releases of the app.
        cells: Differences between channels, products and kinds of customer.
        language_styles: Standard deviations added to every answer (points to NPS) by its language, in the order of
            `names.LANGUAGES`: people of one language answer higher for the same feeling.
        expectations: Standard deviations by which customers expect more of a touchpoint than is usual.
    """

    late_delivery: float = 1.2
    open_complaint: float = 1.6
    low_service: float = 1.2
    silent_disappointment: float = 2.2
    campaign_uplift: tuple[float, ...] = (0.40, 0.25, 0.0, 0.60, 0.15, 0.30)
    class_factors: tuple[float, ...] = (3.5, 0.1, 0.0, -0.9)
    preferred_channel: float = 1.3
    other_channel: float = 0.85
    driver_weights: dict[str, float] = field(default_factory=_drivers)
    bad_shift: float = -1.6
    relationship_leaving: float = -0.6
    relationship_rate: float = 0.50
    relationship_visits: float = 0.25
    relationship_impression: float = 0.60
    relationship_answering: float = 0.15
    onboarding: float = -0.7
    turn_down: float = 0.6
    stuck_checkout: float = 0.5
    touchpoints: TouchpointEffects = field(default_factory=TouchpointEffects)
    cells: CellEffects = field(default_factory=CellEffects)
    language_styles: tuple[float, ...] = (0.0, 0.3, 0.2, -0.3, -0.1)
    expectations: dict[str, float] = field(default_factory=_expectations)
    incremental_shares: tuple[float, ...] = (0.60, 0.75, 0.35, 0.50, 0.90, 0.45)
    contact_fatigue: float = 0.8
    loyalty_growth: float = 0.04
    recommender_mood: float = 0.5

    @staticmethod
    def none() -> Effects:
        """Effects of the null company: nothing that happens to a customer changes anything."""
        return Effects(
            late_delivery=0.0,
            open_complaint=0.0,
            low_service=0.0,
            silent_disappointment=0.0,
            campaign_uplift=(0.0,),
            driver_weights=dict.fromkeys(TOUCHPOINTS, 0.0),
            bad_shift=0.0,
            relationship_leaving=0.0,
            relationship_rate=0.0,
            relationship_visits=0.0,
            relationship_impression=0.0,
            relationship_answering=0.0,
            onboarding=0.0,
            turn_down=0.0,
            stuck_checkout=0.0,
            touchpoints=TouchpointEffects.none(),
            cells=CellEffects.none(),
            language_styles=(0.0,) * 5,
            expectations=dict.fromkeys(_expectations(), 0.0),
            incremental_shares=(0.0,) * 6,
            contact_fatigue=0.0,
            loyalty_growth=0.0,
            recommender_mood=0.0,
        )


@dataclass(frozen=True)
class RecordShares:
    """How well records tell who is behind them. A pair is a share of the customers' first and of their later records.

    Attributes:
        nickname, initial: Instead of the given name.
        marriage: Share of the persons who take another family name at some time after they came; records made later
            bear it. `marriage_keeps_phone` of those records name the telephone from before.
        iso_9: Share of the crm's Cyrillic names that follow ISO 9, the others follow Duden; service_crm has them in
            Cyrillic.
        renamed: Share of the companies that change their name at some time after they came; earlier records bear
            the former one.
        branch: Later records of companies that are a branch: same tax number, other address, a name with the city.
        first_email, first_phone: First records with one; later ones keep it (a company's half as often), name
            another one (`changed_...`), or none.
        terminal_email, terminal_phone: Records with that of the shop terminal at which a clerk typed them;
            `strangers_...` is the mean number of records to a terminal.
        mistyped_domain: E-mail addresses at a domain with a slip.
        moved: Later records under another address.
        merged: Of the customers whose first and another record are in the crm, those whose first one was merged into
            the other there: it left the export, orders from before name its number. `merge_unlisted` of the merges
            are missing in the crm's list.
    """

    misspelt_given: tuple[float, float] = (0.015, 0.08)
    nickname: tuple[float, float] = (0.02, 0.16)
    initial: tuple[float, float] = (0.005, 0.06)
    misspelt_family: tuple[float, float] = (0.02, 0.09)
    marriage: float = 0.06
    marriage_keeps_phone: float = 0.8
    iso_9: float = 0.5

    renamed: float = 0.12
    branch: float = 0.12
    second_legal_name: float = 0.30
    other_legal_form: float = 0.10
    short_company_name: tuple[float, float] = (0.03, 0.15)

    first_email: float = 0.92
    kept_email: float = 0.46
    changed_email: float = 0.32
    first_phone: float = 0.88
    kept_phone: float = 0.42
    changed_phone: float = 0.30
    terminal_email: float = 0.002
    strangers_per_email: int = 8
    terminal_phone: float = 0.004
    strangers_per_phone: int = 5
    mistyped_domain: float = 0.02
    moved: float = 0.25

    merged: float = 0.15
    merge_unlisted: float = 0.20


@dataclass(frozen=True)
class Relationship:
    """How close a customer is to the company: a class for life, plus what was lived through lately.

    Attributes:
        classes, shares: Values of the class, and the share of customers in each.
        memory: Part of the experience that is left after a period.
        late, open_complaint, recovered: Added to the experience by a late delivery, by a complaint that is open at the
            period's end, and by one that was resolved within `recovery_days`.
    """

    classes: tuple[float, ...] = (-1.2, 0.0, 1.2)
    shares: tuple[float, ...] = (0.25, 0.50, 0.25)
    memory: float = 0.75
    late: float = -0.5
    open_complaint: float = -0.6
    recovered: float = 0.7
    recovery_days: int = 8


@dataclass(frozen=True)
class Parameters:
    """Structure of the company: rates, shares and sizes. Shares are 0-1; rates are per 30 days."""

    effects: Effects = field(default_factory=Effects)
    relationship: Relationship = field(default_factory=Relationship)
    record_shares: RecordShares = field(default_factory=RecordShares)
    workforce: WorkforceRates = field(default_factory=WorkforceRates)
    interfaces: InterfaceRates = field(default_factory=InterfaceRates)
    words: WordShares = field(default_factory=WordShares)
    desk: DeskRates = field(default_factory=DeskRates)
    messages: MessageRates = field(default_factory=MessageRates)
    costs: Costs = field(default_factory=Costs)
    spending: Spending = field(default_factory=Spending)
    campaign_habits: CampaignHabits = field(default_factory=CampaignHabits)
    consent_habits: ConsentHabits = field(default_factory=ConsentHabits)
    loyalty: LoyaltyProgramme = field(default_factory=LoyaltyProgramme)
    passes: Passes = field(default_factory=Passes)
    recommendations: Recommendations = field(default_factory=Recommendations)

    # Purchases: a customer belongs to one rate class for life and is active or gone.
    purchase_rates: tuple[float, ...] = (0.12, 0.25, 0.45, 0.75, 1.2, 1.9, 3.0, 4.5)
    person_class_shares: tuple[float, ...] = (0.14, 0.20, 0.20, 0.17, 0.13, 0.09, 0.05, 0.02)
    company_class_shares: tuple[float, ...] = (0.06, 0.12, 0.18, 0.20, 0.18, 0.14, 0.08, 0.04)
    # In its best quarter (`catalogue`) a favourite category raises the rate by this share, and lowers it by a third of
    # it in the others.
    favourite_season: float = 0.5
    circumstance_factors: tuple[float, ...] = (0.45, 1.0, 1.55)
    circumstance_shares: tuple[float, ...] = (0.25, 0.50, 0.25)
    active_at_start_share: float = 0.80
    # Leaving within a period, on any of its days: log-odds before the effects.
    leave_base: float = -3.75
    leave_first_periods: float = 0.7
    first_periods: int = 3
    leave_discount_cohort: float = 0.4
    return_share: float = 0.008
    silent_share: float = 0.06

    # Who they are.
    existing_share: float = 0.35
    prospect_share: float = 0.05
    company_share: float = 0.06
    record_count_shares: tuple[float, ...] = (0.80, 0.16, 0.03, 0.01)
    household_share: float = 0.30
    shared_email_share: float = 0.14
    shared_phone_share: float = 0.18
    shared_member_share: float = 0.75
    namesake_share: float = 0.02  # of the persons who live alone
    cyrillic_share: float = 0.03  # of the persons
    consent_share: float = 0.68

    # What happens.
    late_share: float = 0.12
    late_share_december: float = 0.18
    ticket_share: float = 0.045
    ticket_share_late: float = 0.35
    complaint_share: float = 0.35
    complaint_share_late: float = 0.75
    slow_resolution_share: float = 0.35
    low_service_share: float = 0.25
    onboarded_share: float = 0.40
    onboarding_periods: int = 6
    visit_rate_active: float = 0.50
    visit_rate_gone: float = 0.05
    app_visit_share: float = 0.35
    # Of visits, baskets and checkouts that led to no order: see `sessions.VISIT_KINDS`.
    visit_kind_shares: tuple[float, ...] = (0.44, 0.25, 0.08, 0.05, 0.14, 0.04)
    recognised_session_share: float = 0.15
    help_before_call_share: float = 0.60
    help_after_call_share: float = 0.50
    stuck_from: int = 20
    stuck_until: int = 26
    return_line_share_online: float = 0.09
    return_line_share_store: float = 0.025
    anonymous_store_share: float = 0.10
    canceled_share: float = 0.015
    extra_lines_mean: float = 0.69

    # Surveys.
    relational_every_periods: int = 3
    relational_share: float = 0.14
    transactional_order_share: float = 0.22
    transactional_ticket_share: float = 0.60
    answer_share: float = 0.30
    verbatim_share: float = 0.45

    # Campaigns.
    first_campaign_period: int = 12
    campaign_target_share: float = 0.25
    campaign_control_share: float = 0.20

    # Files.
    broken_row_share: float = 0.005
    repeated_row_share: float = 0.003
    late_line_share: float = 0.06  # of the lines of the last four weeks
    weeks_late_share: float = 0.10  # of the late lines
    held_line_share: float = 0.02  # of the late lines: spoilt, with no good copy anywhere
    renamed_column_from: str = "2025-07"  # web visits: `seconds` becomes `duration_seconds`
    ratings_behind_days: int = 5  # the app stores' ratings end earlier than all else
    older_version_share: float = 0.02

    def as_dict(self) -> dict[str, Any]:
        """All parameters as plain values, for the truth's JSON."""
        return asdict(self)


def parameters(*, is_null: bool = False) -> Parameters:
    """Parameters of the sample company, or of the null company without any effect."""
    return replace(Parameters(), effects=Effects.none()) if is_null else Parameters()
