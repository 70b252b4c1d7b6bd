"""What two records of one customer cannot have at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

_MISCOUNTED_DAYS = 400
AGREES = "agrees"
DECLARED_APART = "declared not to be one customer"
_COLUMNS = ("birth_date", "given_sound", "given_names", "family_sound", "tax_number", "company_name")


@dataclass(frozen=True)
class Known:
    """What the records say, by their position.

    Attributes:
        rows: For each telling column the values, None where null.
        source: Source systems.
        apart: Positions that a person declared not to be one customer, each with the others.
        sources: Source systems in which every customer is one record at most.
    """

    rows: dict[str, list[object]]
    source: list[str]
    apart: dict[int, set[int]]
    sources: frozenset[str]

    @property
    def telling(self) -> list[str]:
        """Columns whose several values in one group are worth a look."""
        return [column for column in ("birth_date", "given_sound", "company_name") if column in self.rows]

    def both(self, column: str, a: int, b: int) -> bool:
        """Whether two records have a value."""
        values = self.rows.get(column)
        return values is not None and values[a] is not None and values[b] is not None

    def can_judge(self, a: int, b: int) -> bool:
        """Whether two records have what tells customers apart."""
        return self.both("birth_date" if "birth_date" in self.rows else "tax_number", a, b)

    @classmethod
    def of(cls, records: pd.DataFrame, *, cannot_link: Iterable[tuple[str, str]], sources: Iterable[str]) -> Known:
        """From standardised records in their order."""
        columns = [name for name in _COLUMNS if name in records]
        position = {record: number for number, record in enumerate(records["record_id"])}
        apart: dict[int, set[int]] = {}
        for a, b in cannot_link:
            if a in position and b in position:
                apart.setdefault(position[a], set()).add(position[b])
                apart.setdefault(position[b], set()).add(position[a])
        rows = {name: [None if value is None else value for value in records[name]] for name in columns}
        return cls(rows, records["source_system"].tolist(), apart, frozenset(sources))


def conflict(left: list[int], right: list[int], known: Known, linked: dict[int, set[int]] | None = None) -> str | None:
    """Why two groups cannot be one customer; None where nothing forbids it.

    Two records that are linked themselves have been weighed with all that they hold, names and dates among it: only
    what a chain of links would join is judged here.

    Args:
        left: Positions of one group's records.
        right: Of the other's.
        known: What the records say.
        linked: Positions of the records that each is linked to.
    """
    if reason := declared_apart(left, right, known):
        return reason
    lone = {known.source[number] for number in left} & {known.source[number] for number in right} & known.sources
    if lone:
        return f"two records of {min(lone)}, which has no duplicates"
    return _majority(left, right, known, linked or {})


def declared_apart(left: list[int], right: list[int], known: Known) -> str | None:
    """The reason where a person said of two records of the groups that they are not one customer, else None."""
    others = set(right)
    return DECLARED_APART if any(known.apart.get(number, set()) & others for number in left) else None


def _majority(left: list[int], right: list[int], known: Known, linked: dict[int, set[int]]) -> str | None:
    """The reason for which most pairs across the groups, of those that can be judged, are two persons."""
    against: dict[str, int] = {}
    agreeing = 0
    for a in left:
        for b in right:
            verdict = None if b in linked.get(a, ()) else _verdict(a, b, known)
            if verdict is None:
                agreeing += b in linked.get(a, ()) and known.can_judge(a, b)
            elif verdict == AGREES:
                agreeing += 1
            else:
                against[verdict] = against.get(verdict, 0) + 1
    if sum(against.values()) > agreeing:
        return max(sorted(against), key=lambda reason: against[reason])
    return None


def _verdict(a: int, b: int, known: Known) -> str | None:
    """AGREES, or why the two are two customers; None where neither says anything."""
    if not known.telling:
        return None
    if known.both("tax_number", a, b) and known.rows["tax_number"][a] == known.rows["tax_number"][b]:
        return AGREES
    return _company_verdict(a, b, known) if "company_name" in known.rows else _person_verdict(a, b, known)


def _company_verdict(a: int, b: int, known: Known) -> str | None:
    """Parts of one group have tax numbers of their own, under one name."""
    if not known.both("company_name", a, b):
        return None
    name_a, name_b = str(known.rows["company_name"][a]), str(known.rows["company_name"][b])
    if name_a == name_b or nearly_equal_names(name_a, name_b):
        return AGREES
    return "tax numbers differ" if known.both("tax_number", a, b) else None


def _person_verdict(a: int, b: int, known: Known) -> str | None:
    dates = known.rows["birth_date"]
    is_dated = known.both("birth_date", a, b)
    if is_dated and dates[a] == dates[b]:
        return AGREES
    if is_dated and not nearly_equal_dates(str(dates[a]), str(dates[b])):
        return "birth dates differ"
    if not _may_be_one_name(a, b, known):
        return "given names differ"
    return AGREES if is_dated else None


def _may_be_one_name(a: int, b: int, known: Known) -> bool:
    left, right = known.rows["given_sound"][a], known.rows["given_sound"][b]
    if left is None or right is None or left == right:
        return True
    names_a, names_b = known.rows["given_names"][a], known.rows["given_names"][b]
    if set(names_a) & set(names_b):  # type: ignore[call-overload]
        return True
    for initial, names in ((str(left), names_b), (str(right), names_a)):
        if len(initial) == 1 and any(name.startswith(initial) for name in names):  # type: ignore[attr-defined]
            return True
    family = known.rows["family_sound"]
    tries = ((left, right), (left, family[b]), (family[a], right))
    return any(one is not None and two is not None and nearly_equal_names(str(one), str(two)) for one, two in tries)


@lru_cache(maxsize=100_000)
def nearly_equal_names(left: str, right: str) -> bool:
    """Whether a typing error, an initial or a short form may explain two given names."""
    short, long = sorted((left, right), key=len)
    if len(short) == 1:
        return long.startswith(short)
    stem = short.rstrip("ie")
    return (len(stem) >= 3 and long.startswith(stem)) or _edits(short, long) <= max(1, len(long) // 3)


@lru_cache(maxsize=100_000)
def nearly_equal_dates(left: str, right: str) -> bool:
    """Whether two differing digits, swapped day and month, or a year and month miscounted by one explain two dates.

    Namesakes in one household are parents and children, many years apart.
    """
    swapped = f"{right[:5]}{right[8:]}-{right[5:7]}"
    days = abs((date.fromisoformat(left) - date.fromisoformat(right)).days)
    return left == swapped or days <= _MISCOUNTED_DAYS or _edits(left, right) <= 2


def _edits(left: str, right: str) -> int:
    """Damerau-Levenshtein distance, of adjacent letters swapped once."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, start=1):
        older, before, row = before, row, [i] + [0] * len(right)
        for j, other in enumerate(right, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other))
            if i > 1 and j > 1 and one == right[j - 2] and left[i - 2] == other:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
