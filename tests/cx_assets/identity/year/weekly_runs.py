"""Weekly runs of identity over a year of sources, and what has to hold after each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from cx_assets.identity.evidence import Decisions, Evidence, Kept, weigh
from cx_assets.identity.resolution import Resolution, resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import LEDGER, LINK, MATCH_MODEL, MATCHED_RECORD, RECORD_CUSTOMER
from tests.cx_assets.identity.year.source_year import Week, united

_START = datetime.fromisoformat("2026-01-05T06:00:00")
_EVENT = ["event_type", "customer_id", "other_customer_id", "record_id"]


@dataclass(frozen=True)
class Run:
    """One weekly run: what it was given and what it left."""

    week: Week
    evidence: Evidence
    found: Resolution

    @property
    def customers(self) -> dict[str, str]:
        """The customer of every record."""
        table = self.found.record_customer
        is_open = table["known_to_at"].isna()
        assert table.loc[is_open, "record_id"].is_unique
        return dict(zip(table.loc[is_open, "record_id"], table.loc[is_open, "customer_id"], strict=True))

    @property
    def redirects(self) -> dict[str, str]:
        """The id in use for every id that was given up."""
        table = self.found.customer_redirect
        return dict(zip(table["old_customer_id"], table["customer_id"], strict=True))


@dataclass
class Year:
    """Runs so far, and what they left for the next."""

    settings: IdentitySettings
    runs: list[Run] = field(default_factory=list)
    ledger: pd.DataFrame = field(default_factory=lambda: LEDGER.typed(pd.DataFrame()))

    def run(self, week: Week) -> Run:
        """The run of a week, kept."""
        made = run(week, self.kept, self.previous, self.settings)
        self.runs.append(made)
        self.ledger = pd.concat([self.ledger, made.found.ledger], ignore_index=True)
        return made

    @property
    def kept(self) -> Kept:
        """What the last run left for the next comparison."""
        return self.runs[-1].evidence.kept if self.runs else Kept()

    @property
    def previous(self) -> pd.DataFrame:
        """identity.record_customer until now."""
        return self.runs[-1].found.record_customer if self.runs else RECORD_CUSTOMER.typed(pd.DataFrame())


def time_of(number: int) -> datetime:
    """When the run of a week is."""
    return _START + timedelta(weeks=number - 1)


def weighed(week: Week, kept: Kept, settings: IdentitySettings) -> Evidence:
    """The evidence of a week."""
    decisions = Decisions(week.must_link, week.cannot_link, week.merges)
    with duckdb.connect(config={"threads": 1}) as con:
        return weigh(
            con, week.records, kept, decisions, settings=settings, default_country="DE", as_of=date(2026, 6, 30),
            snapshot_sequence=week.number,
        )  # fmt: skip


def run(week: Week, kept: Kept, previous: pd.DataFrame, settings: IdentitySettings, *, number: int = 0) -> Run:
    """One run; another number than the week's where a run is repeated as a later snapshot."""
    evidence = weighed(week, kept, settings)
    number = number or week.number
    found = resolve(
        evidence, previous, known_at=time_of(number), snapshot_sequence=number, snapshot_id=f"week {number}"
    )
    return Run(week, evidence, found)


def groups(customers: Mapping[str, str]) -> set[frozenset[str]]:
    """The groups of records, whatever their names."""
    members: dict[str, set[str]] = {}
    for record, customer in customers.items():
        members.setdefault(customer, set()).add(record)
    return {frozenset(group) for group in members.values()}


def differing_count(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """How many customers of one are no customer of the other."""
    return len(groups(one) - groups(other))


def check_bridge(made: Run) -> None:
    """Each record that is there has one open customer; closed rows have an end, and no two rows overlap."""
    table = made.found.record_customer
    assert set(made.customers) == set(made.evidence.records["record_id"])
    assert set(made.week.records["record_id"]) <= set(made.customers)
    assert table["known_from_at"].notna().all()
    closed = table[table["known_to_at"].notna()]
    assert (closed["known_to_at"] > closed["known_from_at"]).all()
    rows = table.sort_values(["record_id", "known_from_at"])
    ends = rows.groupby("record_id")["known_to_at"].shift(1)
    is_later = rows["record_id"].duplicated()
    assert ends[is_later].notna().all()
    assert (rows.loc[is_later, "known_from_at"] >= ends[is_later]).all()


def known_at(table: pd.DataFrame, when: datetime) -> dict[str, str]:
    """The customer of every record as it was known at a time, by the periods alone."""
    is_known = (table["known_from_at"] <= when) & (table["known_to_at"].isna() | (table["known_to_at"] > when))
    assert table.loc[is_known, "record_id"].is_unique
    return dict(zip(table.loc[is_known, "record_id"], table.loc[is_known, "customer_id"], strict=True))


def _events(before: Mapping[str, str], now: Mapping[str, str], used: set[str]) -> Iterator[tuple[str, ...]]:
    """The events that lead from one state to the other, straight from their definitions."""
    first_of = {customer: min(r for r, c in now.items() if c == customer) for customer in set(now.values()) - used}
    for customer, record in first_of.items():
        yield "created", customer, "", record
    for record, customer in now.items():
        if record not in before and first_of.get(customer) != record:
            yield "joined", customer, "", record
        elif record in before and before[record] != customer:
            yield "split" if before[record] in now.values() else "merged", customer, before[record], ""
    for record, customer in before.items():
        if record not in now:
            yield "retired", customer, "", record
    moved_from = {before[record] for record in now if record in before}
    for customer in set(before.values()) - set(now.values()) - moved_from:
        yield "retired", customer, "", ""


def check_ledger(before: Mapping[str, str], made: Run, used: set[str]) -> None:
    """The ledger tells each change of the run, and nothing that did not happen."""
    told = made.found.ledger
    rows = [tuple("" if pd.isna(value) else value for value in row) for row in told[_EVENT].astype("object").to_numpy()]
    assert len(rows) == len(set(rows))
    assert set(rows) == set(_events(before, made.customers, used))
    assert (told["snapshot_sequence"] == made.week.number).all()
    assert told["event_id"].is_unique


def check_redirects(made: Run, ledger: pd.DataFrame) -> None:
    """Each id that was ever used lives, leads on to one that lives, or ended for all that the ledger says."""
    live = set(made.customers.values())
    used = set(made.found.record_customer["customer_id"])
    assert not set(made.redirects) & live
    assert set(made.redirects.values()) <= live
    retired = ledger[(ledger["event_type"] == "retired") & ledger["record_id"].isna()]
    merged = ledger[ledger["event_type"] == "merged"]
    heirs: dict[str, set[str]] = {}
    for old, heir in zip(merged["other_customer_id"], merged["customer_id"], strict=True):
        heirs.setdefault(old, set()).add(heir)
    ended = set(retired["customer_id"])
    for customer in used - live - set(made.redirects):
        reached, to_see = {customer}, [customer]
        while to_see:
            for heir in heirs.get(to_see.pop(), set()) - reached:
                reached.add(heir)
                to_see.append(heir)
        assert reached & ended, customer


def check_decisions(made: Run) -> None:
    """Who was said to be one customer is one, who was said to be two is two, through records that are gone as well."""
    one = united(list(made.week.must_link))
    customer_of: dict[str, set[str]] = {}
    for record, group in one.items():
        if record in made.customers:
            customer_of.setdefault(group, set()).add(made.customers[record])
    assert all(len(customers) == 1 for customers in customer_of.values())
    for a, b in made.week.cannot_link:
        left = customer_of.get(one.get(a, a)) or {made.customers.get(a)}
        right = customer_of.get(one.get(b, b)) or {made.customers.get(b)}
        assert not (left & right) - {None}, (a, b)


def assert_same(one: Run, other: Run, *, ledger: bool = True) -> None:
    """Two runs left the same, to the bit."""
    for name in ("record_customer", "customer_redirect", "review_pair", "household", *(("ledger",) if ledger else ())):
        assert_frame_equal(getattr(one.found, name), getattr(other.found, name), obj=name)
    for name in ("models", "records"):
        assert_frame_equal(getattr(one.evidence.kept, name), getattr(other.evidence.kept, name), obj=name)
    assert_frame_equal(_by_record(one.evidence.kept.links), _by_record(other.evidence.kept.links), obj="links")


def _by_record(links: pd.DataFrame) -> pd.DataFrame:
    """In an order of their own: kept links stay in the order in which they were read, which no table promises."""
    return links.sort_values(["record_id_a", "record_id_b"], ignore_index=True)


def check_nothing_new(made: Run, settings: IdentitySettings) -> None:
    """The next run over the same records changes nothing, and tells nothing."""
    week = made.week
    again = run(week, made.evidence.kept, made.found.record_customer, settings, number=week.number + 1)
    assert again.found.ledger.empty
    assert_same(made, again, ledger=False)


def check_order(year: Year, made: Run, seed: int) -> None:
    """The order of what the run was given changes nothing."""
    random = np.random.default_rng(seed)
    shuffled = {"frac": 1, "random_state": seed, "ignore_index": True}
    before = year.runs[-2] if len(year.runs) > 1 else None
    kept, previous = Kept(), RECORD_CUSTOMER.typed(pd.DataFrame())
    if before is not None:
        kept, previous = before.evidence.kept, before.found.record_customer.sample(**shuffled)
        kept = Kept(
            MATCH_MODEL.typed(kept.models.sample(**shuffled)),
            MATCHED_RECORD.typed(kept.records.sample(**shuffled)),
            LINK.typed(kept.links.sample(**shuffled)),
        )

    def turned(pairs: tuple[tuple[str, str], ...], *, swapped: bool) -> tuple[tuple[str, str], ...]:
        chosen = [pairs[i] for i in random.permutation(len(pairs))]
        return tuple((b, a) if swapped and random.random() < 0.5 else (a, b) for a, b in chosen)

    week = made.week
    other = Week(
        week.number, week.records.sample(**shuffled), turned(week.merges, swapped=False),
        turned(week.must_link, swapped=True), turned(week.cannot_link, swapped=True),
        week.arrived, week.changed, week.deleted,
    )  # fmt: skip
    assert_same(made, run(other, kept, previous, year.settings))
