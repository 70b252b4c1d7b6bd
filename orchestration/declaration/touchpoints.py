"""The company's touchpoint catalogue: the block `touchpoints` of company.yml, in the order of the customer's journey.

Which events a touchpoint gets is SQL: `fct_customer_event` in dbt_project.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import Owner, Prose

EVENT_TYPES = (
    "campaign_contacted",
    "campaign_responded",
    "consent_given",
    "consent_withdrawn",
    "interaction",
    "item_bought",
    "item_returned",
    "lead_created",
    "lead_lost",
    "lead_qualified",
    "lead_won",
    "message_sent",
    "order_approved",
    "order_canceled",
    "order_delivered",
    "order_placed",
    "order_returned",
    "order_shipped",
    "points_earned",
    "points_expired",
    "points_redeemed",
    "referral_converted",
    "referral_made",
    "subscription_cancel_requested",
    "subscription_ended",
    "subscription_started",
    "survey_answered",
    "survey_invited",
    "ticket_answered",
    "ticket_opened",
    "ticket_solved",
)
"""Kinds of events in core.fct_customer_event, as the models int_event__<entity> name them."""

UNMAPPED = "unmapped"


def _known_event(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(f"{name!r} is no kind of event; there are {', '.join(EVENT_TYPES)}")
    return name


def _stage(name: str) -> str:
    if name == UNMAPPED:
        raise ValueError(f"{UNMAPPED!r} is the stage of events that no touchpoint knows: give another word")
    return name


Text = Annotated[Prose, StringConstraints(max_length=100, pattern=r"^\S([^\x00-\x1f]*\S)?$")]
StageName = Annotated[Text, AfterValidator(_stage)]
EventType = Annotated[str, AfterValidator(_known_event)]


class Touchpoint(Strict):
    """One point at which customers meet the company.

    Attributes:
        name: Name in the reports, and what facts may call it.
        stage: Stage of the journey: awareness, consideration, purchase, delivery, use, service, loyalty, or the
            company's own word.
        description: What happens there.
        owner: Who answers for it; the company's owner when left out.
        channels: Channels on which it is met. An event of which nothing but the channel is known belongs to the first
            touchpoint that names it.
        aliases: Other texts by which facts call it.
        events: Kinds of events that belong to it when their fact names no touchpoint.
    """

    name: Text
    stage: StageName
    description: Prose
    owner: Owner | None = None
    channels: tuple[Text, ...] = Field(default=(), strict=False)
    aliases: tuple[Text, ...] = Field(default=(), strict=False)
    events: tuple[EventType, ...] = Field(default=(), strict=False)


def check_catalogue(touchpoints: tuple[Touchpoint, ...]) -> None:
    """Refuse a catalogue in which a text or a kind of event leads to two touchpoints.

    Raises:
        ValueError: It is ambiguous; the message names what is there twice.
    """
    _each_once("name or alias", (text for item in touchpoints for text in (item.name, *item.aliases)))
    _each_once("kind of event", (event for item in touchpoints for event in item.events))


def _each_once(what: str, texts: Iterable[str]) -> None:
    repeated = [text for text, count in Counter(texts).items() if count > 1]
    if repeated:
        raise ValueError(f"touchpoints: the {what} {repeated[0]!r} stands there twice; keep one of them")
