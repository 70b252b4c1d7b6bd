"""What people decide about pairs of records, beyond what any data say."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from cx_assets.identity.matching import connected_components


class ContradictoryDecisionsError(ValueError):
    """A pair is declared two customers, while other declarations make it one."""


def refuse_contradictions(must_link: Iterable[tuple[str, str]], cannot_link: Iterable[tuple[str, str]]) -> None:
    """Check that no pair that cannot be one customer is joined by must_link, directly or through other records.

    Raises:
        ContradictoryDecisionsError: The message names the pair.
    """
    group = _groups(must_link)
    for a, b in cannot_link:
        if a == b or (a in group and group[a] == group.get(b)):
            raise ContradictoryDecisionsError(
                f"cannot_link says that {a} and {b} are two customers, must_link joins them; take one of the lines away"
            )


def declared_pairs(must_link: Iterable[tuple[str, str]], there: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of records that are there and that must_link joins, also through records that are gone."""
    group = _groups(must_link)
    members: dict[int, list[str]] = {}
    for record in sorted(group):
        if record in there:
            members.setdefault(group[record], []).append(record)
    return [(first, other) for first, *others in members.values() for other in others]


def apart_pairs(
    must_link: Iterable[tuple[str, str]], cannot_link: Iterable[tuple[str, str]], there: Collection[str]
) -> list[tuple[str, str]]:
    """Pairs of records that are there and cannot be one customer, also through records that are gone.

    Each record of a pair brings all those with it that must_link makes one customer of.
    """
    group = _groups(must_link)
    members: dict[int, list[str]] = {}
    for record, number in group.items():
        members.setdefault(number, []).append(record)
    sides = [[members[group[record]] if record in group else [record] for record in pair] for pair in cannot_link]
    pairs = {(min(a, b), max(a, b)) for left, right in sides for a in left for b in right if a in there and b in there}
    return sorted(pairs)


def _groups(pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    edges = pd.DataFrame(list(pairs), columns=["record_id_a", "record_id_b"])
    names = pd.Series(sorted(set(edges["record_id_a"]) | set(edges["record_id_b"])), dtype="str")
    return dict(zip(names, (int(label) for label in connected_components(names, edges)), strict=True))
