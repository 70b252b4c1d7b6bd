"""Generates the sample company: one pass over 36 periods of 30 days, all customers at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cx_assets.sample_company.behaviour import Behaviour, Experience, Flags
from cx_assets.sample_company.campaigns import Campaign, make_campaign, write_contacts
from cx_assets.sample_company.catalogue import CATEGORY_NAMES, make_catalogue, write_products
from cx_assets.sample_company.consents import draw_consents, write_consents
from cx_assets.sample_company.crm_files import write_crm, write_merges, write_service_crm
from cx_assets.sample_company.defects import Defects
from cx_assets.sample_company.employees import write_workforce
from cx_assets.sample_company.experience import DeskFiles, Lived, make_tickets
from cx_assets.sample_company.impressions import expectation_truth, style_truth
from cx_assets.sample_company.interactions import InteractionFiles
from cx_assets.sample_company.interfaces import make_releases, write_interfaces
from cx_assets.sample_company.leads import won_leads, write_leads
from cx_assets.sample_company.loyalty import Memberships
from cx_assets.sample_company.messages import MessageFiles, template_truth
from cx_assets.sample_company.morale import make_morale
from cx_assets.sample_company.parameters import DEFAULT_SEED, EMBEDDED_SCALE, PERIOD_COUNT, Parameters, parameters
from cx_assets.sample_company.people import population
from cx_assets.sample_company.points import PointsLedger
from cx_assets.sample_company.purchases import Orders, first_categories, make_lines, make_orders
from cx_assets.sample_company.record_fields import record_fields
from cx_assets.sample_company.records import NEVER, Records, make_records
from cx_assets.sample_company.referrals import write_referrals
from cx_assets.sample_company.shop_files import ShopFiles
from cx_assets.sample_company.spending import source_truth, write_spending
from cx_assets.sample_company.subscriptions import DeliveryPasses
from cx_assets.sample_company.surveys import SurveyFiles
from cx_assets.sample_company.timeline import Ints, period_start
from cx_assets.sample_company.touchpoint_shifts import cell_truth, improvement_truth, touchpoint_shifts
from cx_assets.sample_company.truth import TruthWriter

_FOLDERS = (
    "crm",
    "service_crm",
    "shop",
    "survey",
    "web",
    "store",
    "call_centre",
    "desk",
    "marketing",
    "workforce",
    "digital",
    "loyalty",
)


@dataclass(frozen=True)
class Summary:
    """What was generated.

    Attributes:
        scale, seed, is_null: As asked.
        counts: Good rows by kind (customers, records, orders, sale_lines, ...).
        row_counts: Rows in the files by table, broken ones included.
        broken_counts: Broken rows by table and kind.
    """

    scale: float
    seed: int
    is_null: bool
    counts: dict[str, int]
    row_counts: dict[str, int]
    broken_counts: dict[str, dict[str, int]]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dict(vars(self))


def generate(
    target: Path,
    *,
    scale: float = EMBEDDED_SCALE,
    seed: int = DEFAULT_SEED,
    truth: Path | None = None,
    is_null: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Summary:
    """Write the sample company's source files.

    Args:
        target: Folder of the files; folders of its sources inside are replaced, others are left alone.
        scale: 1 is 1,000,000 real customers; everything else follows.
        seed: The same seed and scale give the same bytes.
        truth: Folder for the truth, outside `target`; None writes none. It changes no byte in `target`.
        is_null: Generate the company in which no experience, campaign or touchpoint has an effect.
        progress: Called with a line of text before each step.

    Returns:
        Counts of what was written.

    Raises:
        ValueError: The scale is not positive, the seed is negative, or `truth` lies in `target` or around it.
    """
    if not scale > 0 or seed < 0:
        raise ValueError(f"scale must be positive and seed not negative, got {scale} and {seed}")
    target = Path(target)
    if truth is not None:
        _keep_apart(target, Path(truth))
    for folder in _FOLDERS:
        shutil.rmtree(target / folder, ignore_errors=True)
    run = _Generation(target, scale, seed, truth, parameters(is_null=is_null), progress or (lambda _: None))
    summary = run.write(is_null)
    return summary


def _keep_apart(target: Path, truth: Path) -> None:
    inner, outer = truth.resolve(), target.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise ValueError("the truth must lie outside the company's files")


class _Generation:
    """One generation: the rooms' objects and the loop over periods."""

    def __init__(
        self, target: Path, scale: float, seed: int, truth: Path | None, p: Parameters, say: Callable[[str], None]
    ) -> None:
        self._target, self._scale, self._seed, self._p, self._say = target, scale, seed, p, say
        self._broken = Defects(seed, p.broken_row_share)
        say("customers")
        drawn = population(seed, scale, p, len(CATEGORY_NAMES))
        drawn, self._won_leads, self._withheld_count = won_leads(seed, drawn, p)
        self._people, self._consents = draw_consents(seed, drawn, p)
        self._records: Records = make_records(seed, self._people, p)
        self._memberships = Memberships(seed, self._people, p)
        self._passes = DeliveryPasses(seed, self._people, p)
        observed = self._consents, self._memberships
        self._truth = (
            None if truth is None else TruthWriter(Path(truth), seed, self._people, self._records, *observed, p)
        )
        self._shop = ShopFiles(target, seed, p, self._broken)
        self._morale = make_morale(seed, p.workforce)
        self._releases = make_releases(seed, p.interfaces)
        shifts = touchpoint_shifts(self._people, self._morale, self._releases, p.effects)
        self._surveys = SurveyFiles(target, seed, p, self._broken, shifts)
        self._contacts = InteractionFiles(target, seed, p, self._broken)
        self._messages = MessageFiles(target, seed, self._people, p, self._broken)
        self._desk = DeskFiles(target, seed, p.costs, self._broken)
        self._points = PointsLedger(target, seed, self._memberships, self._records, p.loyalty, self._broken)
        self._counts: dict[str, int] = {"customers": self._people.size, "records": self._records.size}
        self._counts["campaign_contacts"] = 0
        self._next_order = 1

    def write(self, is_null: bool) -> Summary:
        """Write all files and return the counts."""
        self._write_masters()
        catalogue = make_catalogue(self._seed, self._scale, self._p.costs)
        write_products(self._target, catalogue, self._seed, self._broken)
        self._counts["products"] = len(catalogue.category)
        behaviour, lived = Behaviour(self._seed, self._people, self._p), self._lived()
        before = Experience.empty(self._people.size)
        for period in range(PERIOD_COUNT):
            self._say(f"period {period + 1} of {PERIOD_COUNT}")
            may_be_contacted = self._consents.may_be_contacted(period, self._people)
            campaign = make_campaign(self._seed, period, self._people, may_be_contacted, self._p)
            behaviour.prepare(period, before)
            if self._truth is not None:
                self._truth.before(period, before, behaviour, campaign)
            left = behaviour.enter(period)
            growth = self._memberships.growth(period)
            self._memberships.enter(period, behaviour.active)
            self._passes.enter(period, behaviour.active)
            counts, drawn = behaviour.order_counts(period, growth, 1.0 if campaign is None else campaign.growth)
            visits, visits_before = behaviour.visit_counts(period)
            orders = self._sell(period, (counts, drawn), catalogue, before, lived, behaviour, campaign)
            self._contacts.add_visits(period, visits, visits_before, behaviour.end_day, self._people, self._records)
            if campaign is not None:
                self._write_contacts(campaign, counts > 0)
            if self._truth is not None:
                last = _last_purchase(orders, self._people.size)
                self._truth.after(period, left, behaviour, counts, visits, last, campaign)
                if campaign is not None:
                    self._truth.add_campaign(campaign, behaviour)
            before = lived.in_period(period)
            self._close_files(period_start(period + 1))
        return self._finish(is_null, behaviour, before)

    def _write_masters(self) -> None:
        self._say("customer records")
        fields = record_fields(self._seed, self._people, self._records, self._p)
        if self._truth is not None:
            self._truth.write_stories(fields.stories)
        table = fields.table
        older = write_crm(self._target, table, self._seed, self._p.older_version_share, self._broken)
        self._counts["older_record_versions"] = older
        self._counts["source_merges"] = int((self._records.merged_into >= 0).sum())
        self._counts["listed_merges"] = write_merges(self._target, self._records, self._broken)
        write_service_crm(self._target, table, self._broken)
        self._write_marketing()
        self._write_voice()

    def _write_marketing(self) -> None:
        """Leads, consents, recommendations and spending, and the truth of the sources."""
        p = self._p
        self._counts["leads"] = write_leads(
            self._target, self._seed, self._people, self._records, self._won_leads, self._broken
        )
        self._counts["consents"] = write_consents(
            self._target, self._seed, self._people, self._records, self._consents, self._broken
        )
        self._counts["referrals"] = write_referrals(
            self._target, self._seed, self._people, self._records, self._won_leads, p, self._broken
        )
        costs = write_spending(self._target, self._seed, self._scale, p.spending, self._broken)
        if self._truth is not None:
            sources = source_truth(costs, self._withheld_count, p.effects.incremental_shares, p.spending)
            self._truth.write("marketing_source", sources)

    def _write_voice(self) -> None:
        """What employees and interfaces tell, and its truth."""
        p, target, seed = self._p, self._target, self._seed
        self._counts |= write_workforce(target, seed, self._scale, self._morale, p.workforce, self._broken)
        write_interfaces(target, seed, self._scale, self._releases, p.ratings_behind_days, self._broken)
        effects = p.effects.touchpoints
        if self._truth is not None:
            self._truth.write("unit_morale", self._morale.truth(effects.morale))
            self._truth.write("improvement", improvement_truth(effects))
            self._truth.write("planted_cell", cell_truth(p.effects.cells))
            self._truth.write("answer_style", style_truth(p.effects))
            self._truth.write("expectation", expectation_truth(p.effects))
            self._truth.write("app_release", self._releases.truth(effects.task_success))

    def _lived(self) -> Lived:
        return Lived(self._people.size, self._p.relationship.recovery_days)

    def _sell(
        self,
        period: int,
        counts: tuple[Ints, Ints],
        catalogue: Any,
        before: Experience,
        lived: Lived,
        behaviour: Behaviour,
        campaign: Campaign | None,
    ) -> Orders:
        """One period's orders, lines, tickets, surveys and messages, written and remembered."""
        orders = make_orders(
            self._seed, period, *counts, behaviour.end_day, self._people, self._records, self._next_order, self._p
        )
        self._next_order += orders.size
        lines = make_lines(self._seed, period, orders, self._people, catalogue, self._p)
        tickets = make_tickets(self._seed, period, orders, self._records, self._p)
        self._shop.add(period, orders, lines, self._records, catalogue)
        self._points.add(period, orders, lines)
        first_category = first_categories(lines, catalogue, orders.size)
        answers = self._surveys.add(
            period, self._people, self._records, before, behaviour.relationship, orders, lines, first_category, tickets
        )
        self._contacts.add_orders(period, orders, self._records)
        self._contacts.add_calls(period, tickets, self._records)
        self._contacts.add_sessions(period, self._people, orders, tickets, self._records)
        self._desk.add(period, tickets, self._records)
        calls = self._messages.add(period, orders, tickets, campaign, self._records)
        self._contacts.add_notice_calls(period, calls, self._records)
        lived.add(orders, tickets, answers)
        return orders

    def _write_contacts(self, campaign: Campaign, bought: Flags) -> None:
        consents = self._consents
        unsubscribes = consents.withdrawn_in(campaign.period) & consents.by_link
        unsubscribed = np.where(unsubscribes, consents.withdrawn, NEVER)
        write_contacts(
            self._target, campaign, self._seed, self._people, self._records, bought, unsubscribed, self._broken
        )
        self._counts["campaign_contacts"] += int((campaign.treated | campaign.control).sum())

    def _close_files(self, local: int | None) -> None:
        for files in (self._shop, self._surveys, self._contacts, self._messages, self._points):
            files.close_before(local)

    def _finish(self, is_null: bool, behaviour: Behaviour, before: Experience) -> Summary:
        self._say("last files")
        self._close_files(None)
        self._messages.close(self._desk.numbers(), self._records)
        self._counts["tickets"] = self._desk.close()
        self._counts["loyalty_entries"] = self._points.count
        self._counts["subscriptions"] = self._passes.write(self._target, self._records, self._broken)
        self._counts |= self._shop.counts | self._surveys.counts | self._contacts.counts | self._messages.counts
        broken = {table: dict(sorted(kinds.items())) for table, kinds in sorted(self._broken.counts.items())}
        summary = Summary(
            self._scale, self._seed, is_null, self._counts, dict(sorted(self._broken.rows.items())), broken
        )
        if self._truth is not None:
            self._truth.write("verbatim", self._surveys.truth())
            self._truth.write("ticket", self._desk.truth())
            self._truth.write("message_template", template_truth())
            self._truth.write("held_row", self._broken.held_truth())
            behaviour.prepare(PERIOD_COUNT, before)
            self._truth.before(PERIOD_COUNT, before, behaviour, None)
            self._truth.write_passes(self._passes)
            self._truth.close(summary.as_dict() | {"net_amount_cents": self._shop.net_cents})
        return summary


def _last_purchase(orders: Orders, size: int) -> Ints:
    """Local second of each customer's last purchase in the period, -1 for none."""
    bought = (orders.customer >= 0) & ~orders.is_canceled
    last = np.full(size, -1, np.int64)
    np.maximum.at(last, orders.customer[bought], orders.ordered[bought])
    return last
