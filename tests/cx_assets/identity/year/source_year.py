"""A year of a company's sources, week by week: people arrive, move, are merged, are deleted and come back.

Nothing here knows what identity makes of it; who is who is told by the sample company's truth alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

Pair = tuple[str, str]
_ADDRESS = ["street_address", "postal_code", "city", "country_code"]
_FIRST_SHARE = 0.72
RUSH_WEEK = 26
RUSH_SHARE = 0.05
# In these weeks people decide and nothing else happens; a week later they take back what they decided.
DECISION_WEEKS = frozenset({5, 13, 21, 29, 37, 45})
UNDO_WEEKS = frozenset(week + 1 for week in DECISION_WEEKS)


@dataclass(frozen=True)
class Week:
    """What a weekly run is given.

    Attributes:
        number: From 1.
        records: The records that are there.
        merges: Merged record and the one that it was merged into, all that were ever reported.
        must_link, cannot_link: What people have said and not taken back.
        arrived, changed, deleted: record_ids of this week.
    """

    number: int
    records: pd.DataFrame
    merges: tuple[Pair, ...]
    must_link: tuple[Pair, ...]
    cannot_link: tuple[Pair, ...]
    arrived: frozenset[str]
    changed: frozenset[str]
    deleted: frozenset[str]


def united(pairs: Iterable[Pair]) -> dict[str, str]:
    """The smallest name of everybody's group, by the plainest way there is."""
    group: dict[str, str] = {}
    for a, b in pairs:
        left, right = group.setdefault(a, a), group.setdefault(b, b)
        for name, label in list(group.items()):
            if label in (left, right):
                group[name] = min(left, right)
    return group


def contradicts(must_link: list[Pair], cannot_link: list[Pair]) -> bool:
    """Whether a pair is said to be two customers and, maybe through others, to be one."""
    group = united(must_link)
    return any(group.get(a, a) == group.get(b, b) for a, b in cannot_link)


class _Source:
    """The records of now and what may become of them."""

    def __init__(self, records: pd.DataFrame, truth: Mapping[str, str], seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.rows = records.set_index("record_id", drop=False).sort_index()
        self.truth = truth
        order = self.random.permutation(self.rows.index.to_numpy().astype(str)).tolist()
        first = round(_FIRST_SHARE * len(order))
        self.there: set[str] = set(order[:first])
        self.held_back: list[str] = order[first:]
        self.deleted: list[str] = []
        self.merges: list[Pair] = []
        self.must: list[Pair] = []
        self.cannot: list[Pair] = []
        self.to_take_back: list[tuple[int, list[Pair], list[Pair]]] = []
        self.moved_count = 0

    def pick(self, names: set[str] | list[str], count: int) -> list[str]:
        ordered = sorted(names)
        count = min(count, len(ordered))
        return [ordered[i] for i in self.random.choice(len(ordered), count, replace=False)]

    def arrive(self, count: int) -> set[str]:
        arrived, self.held_back = self.held_back[:count], self.held_back[count:]
        self.there |= set(arrived)
        return set(arrived)

    def move(self, count: int) -> set[str]:
        """Some move house, some have a new telephone, some a new address of e-mail."""
        chosen = self.pick(self.there, count)
        for number, record in enumerate(chosen):
            self.moved_count += 1
            if number % 3 == 0:
                self.rows.loc[record, _ADDRESS] = self.rows.loc[self.pick(self.there, 1)[0], _ADDRESS]
                self.rows.loc[record, "street_address"] = f"Neubaugasse {self.moved_count}"
            elif number % 3 == 1:
                self.rows.loc[record, "phone"] = f"+4915790{self.moved_count:05d}"
            else:
                self.rows.loc[record, "email"] = f"neu{self.moved_count}@nordpost.alt"
        return set(chosen)

    def duplicates(self) -> list[Pair]:
        """Pairs of records that are there and one customer in truth."""
        behind: dict[str, list[str]] = {}
        for record in sorted(self.there):
            behind.setdefault(self.truth[record], []).append(record)
        return [(a, b) for group in behind.values() for a, b in pairwise(group)]

    def merge(self) -> set[str]:
        """The source merges two records; the old number is gone. Once in a while it errs."""
        pairs = [pair for pair in self.duplicates() if pair[0].split(":")[0] == pair[1].split(":")[0]]
        if not pairs or self.random.random() < 0.2:
            pairs = [tuple(self.pick(self.there, 2))]  # type: ignore[list-item]
        old, kept = pairs[self.random.integers(len(pairs))]
        self.merges.append((old, kept))
        self.there.discard(old)
        return {old}

    def delete(self, count: int) -> set[str]:
        named = {record for pair in (*self.must, *self.cannot) for record in pair} & self.there
        # Of two that are deleted one was decided about, if there is any: decisions outlive records.
        chosen = set(self.pick(named, 1 if count > 1 else 0)) | set(self.pick(self.there, count))
        self.there -= chosen
        self.deleted += sorted(chosen)
        return chosen

    def come_back(self) -> set[str]:
        merged = {old for old, _ in self.merges}
        back = [record for record in self.deleted if record not in self.there and record not in merged][:1]
        self.there |= set(back)
        self.deleted = [record for record in self.deleted if record not in back]
        return set(back)

    def decide(self, week: int, *, taken_back_after: int) -> None:
        """Three strangers are said to be one, two records of one customer to be two."""
        one, two, three = self.pick(self.there, 3)
        must: list[Pair] = [(one, two), (three, two)]
        duplicates = self.duplicates()
        cannot = [duplicates[self.random.integers(len(duplicates))]] if duplicates else []
        # A record that is said to be somebody's is said not to be another's as well.
        cannot.append((two, self.pick(self.there - {one, two, three}, 1)[0]))
        if contradicts(self.must + must, self.cannot + cannot):
            return
        self.must, self.cannot = self.must + must, self.cannot + cannot
        self.to_take_back.append((week + taken_back_after, must, cannot))

    def take_back(self, week: int) -> None:
        for due, must, cannot in self.to_take_back:
            if due == week:
                self.must = [pair for pair in self.must if pair not in must]
                self.cannot = [pair for pair in self.cannot if pair not in cannot]

    def week(self, number: int, arrived: set[str], changed: set[str], deleted: set[str]) -> Week:
        frame = self.rows.loc[sorted(self.there)].reset_index(drop=True)
        return Week(
            number, frame, tuple(self.merges), tuple(self.must), tuple(self.cannot),
            frozenset(arrived), frozenset(changed), frozenset(deleted),
        )  # fmt: skip


def weeks_of_a_year(
    records: pd.DataFrame, truth: Mapping[str, str], *, seed: int, week_count: int = 52
) -> Iterator[Week]:
    """The weeks of one year.

    Args:
        records: All records that will ever be there, columns as identity is given them.
        truth: The true customer of each.
        seed: Of everything that is left to chance.
        week_count: How many weeks.
    """
    source = _Source(records, truth, seed)
    rush = round(RUSH_SHARE * len(source.there))
    weekly = max(1, (len(source.held_back) - rush) // week_count)
    yield source.week(1, set(source.there), set(), set())
    for number in range(2, week_count + 1):
        arrived: set[str] = set()
        changed: set[str] = set()
        deleted: set[str] = set()
        if number in DECISION_WEEKS:
            source.decide(number, taken_back_after=1)
        elif number in UNDO_WEEKS:
            source.take_back(number)
        elif number == RUSH_WEEK:
            arrived = source.arrive(rush)
        else:
            source.take_back(number)
            arrived = source.arrive(weekly)
            changed = source.move(3)
            if number % 3 == 0:
                deleted |= source.merge()
            deleted |= source.delete(1 + number % 2)
            if number % 7 == 0:
                arrived |= source.come_back()
            if number % 8 == 2:
                source.decide(number, taken_back_after=9)
        yield source.week(number, arrived, changed, deleted)
