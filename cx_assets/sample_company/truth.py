"""The truth beside the sample company, for tests and benchmarks alone; no step of the pipeline reads it.

Files:
    parameters.json         every parameter, counts, broken rows by table and kind
    record_customer.parquet record_id, true_customer_id; also of records that their source merged away
    record_story.parquet    record_id, story: what became of the record, one row each (nickname, moved, branch,
                            merged_away, ...; all in `record_fields`)
    customer.parquet        true_customer_id, customer_type, household_id, purchase_rate, join_date, is_under_40,
                            is_onboarded (took the tour for newcomers), response_class (what campaigns do),
                            preferred_channel, preferred_hour (of reading), favourite_category,
                            survey_mood (standard normal)
    customer_cut.parquet    one row per customer with a purchase before the cut (nine cuts, 30 days apart, the last
                            at the data's end): cut_date, true_customer_id, is_eligible, is_active, hazard_observable,
                            hazard_full, active_probability_observable, churn_probability_observable,
                            churn_probability_full, has_late_delivery, has_open_complaint, has_low_service,
                            has_answered_low_service, has_silent_disappointment, relationship, has_left
                            (in the 30 days after the cut), is_churned (the last two null at the data's end);
                            probabilities as defined in `oracle`
    departure.parquet       true_customer_id, left_on (last day with the company), one row per departure
    campaign.parquet        campaign_id, start_date, rate_uplift, treated_count, control_count,
                            purchase_probability_uplift (mean over those contacted, given everything)
    campaign_class.parquet  campaign_id, response_class, treated_count, purchase_probability_uplift
    marketing_source.parquet   origin, incremental_share (of its won leads, without its spending they would not have
                            come), cost_amount, held_out_region, held_out_from, held_out_until, withheld_lead_count
                            (the last four null but for the origin of the experiment)
    loyalty_member.parquet  true_customer_id, member_since_date
    subscription.parquet    subscription_no, true_customer_id, is_never_cancelled, has_left (by the data's end)
    touchpoint_driver.parquet  touchpoint, nps_weight, used_share
    unit_morale.parquet     unit_name, period_start_date, morale (standard units; also of the two periods before the
                            data), impression_shift (standard deviations, two periods later)
    improvement.parquet     touchpoint, start_date, population, control (countries), impression_shift
    planted_cell.parquet    touchpoint, dimension, value, quantity, difference: what differs between channels, products
                            and kinds of customer
    answer_style.parquet    language_code, answer_shift: how much higher its speakers answer for the same feeling
    expectation.parquet     touchpoint, expectation_shift: what is expected of it, beside what is usual
    verbatim.parquet        response_id, question_id, topics (list), sentiment (-1, 0, 1; that of the score), urgency
                            (low, normal, high, urgent), has_personal_data, is_sarcastic, is_mixed; one row per text
    ticket.parquet          ticket_id, urgency, unit_name (who answers), is_in_time (first answer within the priority's
                            deadline); deadlines in `voice_parameters.DeskRates`
    message_template.parquet  template_id, message_type, language_code, text_start, is_clear
    held_row.parquet        table, key, kind: rows that are spoilt in their file and stand nowhere else
    app_release.parquet     release_name, start_date, task_success_rate, impression_shift (at the app), is_planted
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cx_assets.sample_company.behaviour import Behaviour, Experience, has_joined
from cx_assets.sample_company.campaigns import CHANNELS, RESPONSE_CLASSES, Campaign
from cx_assets.sample_company.catalogue import CATEGORY_NAMES
from cx_assets.sample_company.columns import decode, joined, padded
from cx_assets.sample_company.consents import Consents
from cx_assets.sample_company.files import write_parquet
from cx_assets.sample_company.impressions import USED_SHARE
from cx_assets.sample_company.loyalty import Memberships
from cx_assets.sample_company.oracle import Forecast, Oracle
from cx_assets.sample_company.parameters import (
    CUT_COUNT,
    ELIGIBLE_DAYS,
    PERIOD_COUNT,
    PERIOD_DAYS,
    TOUCHPOINTS,
    Parameters,
)
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.records import NEVER, SYSTEMS, Records
from cx_assets.sample_company.subscriptions import DeliveryPasses
from cx_assets.sample_company.timeline import DAY, Ints, cut_date, period_start, stream

Flags = NDArray[np.bool_]
_STORY_SCHEMA = pa.schema({"record_id": pa.string(), "story": pa.string()})


class TruthWriter:
    """Follows the generation and writes what is true beside it."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        people: Population,
        records: Records,
        consents: Consents,
        memberships: Memberships,
        p: Parameters,
    ) -> None:
        self._folder, self._people, self._p = folder, people, p
        self._memberships = memberships
        self._oracle = Oracle(people, consents, memberships, p)
        order = stream(seed, "true ids").permutation(people.size)
        self._ids = joined("T", padded(1 + order, 8))
        self._waiting: tuple[int, Forecast, dict[str, Any], Flags] | None = None
        self._cuts: list[pa.Table] = []
        self._campaigns: list[dict[str, Any]] = []
        self._classes: list[dict[str, Any]] = []
        self._departures: list[pa.Table] = []
        self._last_bought = np.full(people.size, -1, np.int64)
        self._write_people(records, order)

    def _write_people(self, records: Records, order: Ints) -> None:
        people = self._people
        self._record_ids = joined(decode(SYSTEMS, records.system), ":", records.number)
        who = pa.table({"record_id": self._record_ids, "true_customer_id": self._ids.take(pa.array(records.customer))})
        write_parquet(self._folder / "record_customer.parquet", who.sort_by("record_id"))
        customers = pa.table(
            {
                "true_customer_id": self._ids,
                "customer_type": decode(["person", "company"], people.is_company.astype(np.int64)),
                "household_id": pa.array(people.household, mask=people.household < 0),
                "purchase_rate": pa.array(np.array(self._p.purchase_rates)[people.rate_class]),
                "join_date": pa.array((people.joined // DAY).astype("M8[D]")),
                "is_under_40": pa.array(people.is_under_40()),
                "is_onboarded": pa.array(people.is_onboarded),
                "response_class": decode(RESPONSE_CLASSES, people.response_class),
                "preferred_channel": decode(CHANNELS, people.preferred_channel),
                "preferred_hour": pa.array(people.preferred_hour),
                "favourite_category": decode(CATEGORY_NAMES, people.affinity),
                "survey_mood": pa.array(people.mood.round(4)),
            }
        )
        write_parquet(self._folder / "customer.parquet", customers.take(pa.array(np.argsort(order))))

    def write(self, name: str, table: pa.Table) -> None:
        """Write a truth that another module made."""
        write_parquet(self._folder / f"{name}.parquet", table)

    def write_stories(self, stories: dict[str, Flags]) -> None:
        """What became of which records."""
        parts = [
            pa.table({"record_id": self._record_ids.filter(pa.array(flags)), "story": [story] * int(flags.sum())})
            for story, flags in sorted(stories.items())
        ]
        rows = pa.concat_tables([part.cast(_STORY_SCHEMA) for part in parts])
        in_order = rows.sort_by([("record_id", "ascending"), ("story", "ascending")])
        write_parquet(self._folder / "record_story.parquet", in_order)

    def write_passes(self, passes: DeliveryPasses) -> None:
        """Whose delivery pass it is, and who would never end it."""
        who = passes.holders()
        rows = {
            "subscription_no": passes.numbers(),
            "true_customer_id": self._ids.take(pa.array(who)),
            "is_never_cancelled": pa.array(passes.never_cancels[who]),
            "has_left": pa.array(passes.is_gone[who]),
        }
        self.write("subscription", pa.table(rows))

    def before(self, period: int, lived: Experience, behaviour: Behaviour, campaign: Campaign | None) -> None:
        """At the cut before a period, prepared but not entered."""
        if period > PERIOD_COUNT - CUT_COUNT:
            forecast = self._oracle.forecast(period, lived, behaviour, campaign)
            state = {
                "is_active": behaviour.active.copy(),
                "relationship": behaviour.relationship.round(6),
                "has_late_delivery": lived.late,
                "has_open_complaint": lived.complaint,
                "has_low_service": lived.low_service,
                "has_answered_low_service": lived.low_answered,
                "has_silent_disappointment": behaviour.silent.copy(),
            }
            since = period_start(period) - ELIGIBLE_DAYS * DAY
            self._waiting = (period, forecast, state, self._last_bought >= since)
        if period == PERIOD_COUNT:
            self._close_cut(None, None)
        else:
            self._oracle.enter(period, lived, behaviour.experience)

    def after(
        self,
        period: int,
        left: Flags,
        behaviour: Behaviour,
        orders: Ints,
        visits: Ints,
        last_bought: Ints,
        campaign: Campaign | None,
    ) -> None:
        """Once a period's orders are known."""
        self._close_cut(left, orders == 0)
        last_day = np.where(last_bought < 0, -1, (last_bought - period_start(period)) // DAY)
        self._oracle.observe(period, behaviour.experience, orders, last_day, visits, campaign)
        self._departures.append(
            pa.table(
                {
                    "true_customer_id": self._ids.take(pa.array(np.flatnonzero(left))),
                    "left_on": pa.array((period_start(period) // DAY + behaviour.end_day[left] - 1).astype("M8[D]")),
                }
            )
        )
        self._last_bought = np.maximum(self._last_bought, last_bought)

    def _close_cut(self, left: Flags | None, is_silent: Flags | None) -> None:
        if self._waiting is None:
            return
        period, forecast, state, is_eligible = self._waiting
        self._waiting = None
        rows = np.flatnonzero(has_joined(period, self._people) & (self._last_bought >= 0))
        unknown = np.zeros(len(rows), bool)
        rows_table = {
            "cut_date": pa.array([cut_date(period)] * len(rows), pa.date32()),
            "true_customer_id": self._ids.take(pa.array(rows)),
            "is_eligible": pa.array(is_eligible[rows]),
            **{name: pa.array(values[rows]) for name, values in state.items()},
            "hazard_observable": pa.array(forecast.hazard_observable[rows].round(6)),
            "hazard_full": pa.array(forecast.hazard_full[rows].round(6)),
            "active_probability_observable": pa.array(forecast.active_observable[rows].round(6)),
            "churn_probability_observable": pa.array(forecast.silence_observable[rows].round(6)),
            "churn_probability_full": pa.array(forecast.silence_full[rows].round(6)),
            "has_left": pa.array(unknown if left is None else left[rows], mask=~unknown if left is None else None),
            "is_churned": pa.array(
                unknown if is_silent is None else is_silent[rows], mask=~unknown if is_silent is None else None
            ),
        }
        self._cuts.append(pa.table(rows_table).sort_by("true_customer_id"))

    def add_campaign(self, campaign: Campaign, behaviour: Behaviour) -> None:
        """A campaign, in its period entered: what the contacts do to the probability of a purchase."""
        period, lift = campaign.period, campaign.growth
        rate = behaviour.rates(period, self._memberships.growth(period))
        usual, contacted = rate * behaviour.presence(period), rate * lift * behaviour.presence(period, lift)
        gain = (np.exp(-usual) - np.exp(-contacted))[campaign.treated]
        of_class = self._people.response_class[campaign.treated]
        for number, name in enumerate(RESPONSE_CLASSES):
            mine = gain[of_class == number]
            self._classes.append(
                {
                    "campaign_id": campaign.campaign_id,
                    "response_class": name,
                    "treated_count": len(mine),
                    "purchase_probability_uplift": float(mine.mean()) if len(mine) else 0.0,
                }
            )
        self._campaigns.append(
            {
                "campaign_id": campaign.campaign_id,
                "start_date": _day(campaign.period),
                "rate_uplift": campaign.uplift,
                "treated_count": int(campaign.treated.sum()),
                "control_count": int(campaign.control.sum()),
                "purchase_probability_uplift": float(gain.mean()) if len(gain) else 0.0,
            }
        )

    def close(self, about: dict[str, Any]) -> None:
        """Write what is still open; `about` joins the parameters."""
        write_parquet(self._folder / "customer_cut.parquet", pa.concat_tables(self._cuts))
        departures = pa.concat_tables(self._departures).sort_by(
            [("left_on", "ascending"), ("true_customer_id", "ascending")]
        )
        write_parquet(self._folder / "departure.parquet", departures)
        member = np.flatnonzero(self._memberships.at < NEVER)
        since = (self._memberships.at[member] // DAY).astype("M8[D]")
        members = pa.table({"true_customer_id": self._ids.take(pa.array(member)), "member_since_date": pa.array(since)})
        self.write("loyalty_member", members.sort_by("true_customer_id"))
        write_parquet(self._folder / "campaign.parquet", pa.Table.from_pylist(self._campaigns))
        write_parquet(self._folder / "campaign_class.parquet", pa.Table.from_pylist(self._classes))
        weights = self._p.effects.driver_weights
        drivers = {
            "touchpoint": list(TOUCHPOINTS),
            "nps_weight": [weights[name] for name in TOUCHPOINTS],
            "used_share": USED_SHARE.tolist(),
        }
        write_parquet(self._folder / "touchpoint_driver.parquet", pa.table(drivers))
        stuck = [str(_day(period)) for period in (self._p.stuck_from, self._p.stuck_until)]
        fixed = {
            "stuck_checkout_from_until": stuck,
            "period_days": PERIOD_DAYS,
            "period_count": PERIOD_COUNT,
            "eligible_days": ELIGIBLE_DAYS,
        }
        text = json.dumps(about | fixed | {"parameters": self._p.as_dict()}, indent=2, ensure_ascii=False)
        (self._folder / "parameters.json").write_text(text + "\n", encoding="utf-8")


def _day(period: int) -> date:
    return date.fromordinal(cut_date(period).toordinal() + 1)
