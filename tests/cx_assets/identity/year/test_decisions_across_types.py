"""Decisions about a person's record and a company's, against what the data say on both sides."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.settings import IdentitySettings

_RECORDS = [
    ("p1", "person", "p@post.de"), ("p2", "person", "p@post.de"),
    ("p3", "person", "q@post.de"), ("p4", "person", "q@post.de"),
    ("c1", "company", "c@post.de"), ("c2", "company", "c@post.de"),
]  # fmt: skip


def _labels(must_link, cannot_link):
    records = pd.DataFrame(_RECORDS, columns=["record_id", "customer_type", "email"]).assign(
        source_system="crm", phone=None, tax_number=None, source_person_id=None
    )
    with duckdb.connect() as con:
        evidence = weigh(
            con, records, Kept(), Decisions(must_link, cannot_link), settings=IdentitySettings(matching="exact"),
            default_country="DE", as_of=None, snapshot_sequence=1,
        )  # fmt: skip
    return evidence.labels


@pytest.mark.parametrize(
    ("must_link", "cannot_link"),
    [
        # Each one's own second record is said to be two: the seconds have to leave, not the firsts.
        ([("p1", "c1")], [("p2", "c2")]),
        # Two persons who are one through a company.
        ([("p1", "c1"), ("c1", "p3")], [("p2", "p4")]),
        ([("p1", "p3")], [("p2", "p4")]),
    ],
)  # fmt: skip
def test_who_was_said_to_be_one_customer_is_one_whatever_their_groups(must_link, cannot_link):
    labels = _labels(must_link, cannot_link)
    assert all(labels[a] == labels[b] for a, b in must_link)
    assert all(labels[a] != labels[b] for a, b in cannot_link)


@pytest.mark.parametrize("seed", range(40))
def test_decisions_that_do_not_contradict_each_other_are_always_kept(seed):
    chosen = np.random.default_rng(seed)
    names = [record for record, _, _ in _RECORDS]

    def pairs(count):
        return [tuple(chosen.choice(names, 2, replace=False).tolist()) for _ in range(count)]

    must_link, cannot_link = pairs(chosen.integers(1, 4)), pairs(chosen.integers(1, 4))
    group = {name: {name} for name in names}
    for a, b in must_link:
        joined = group[a] | group[b]
        group |= dict.fromkeys(joined, joined)
    if any(b in group[a] for a, b in cannot_link):
        with pytest.raises(ValueError, match="cannot_link"):
            _labels(must_link, cannot_link)
        return
    labels = _labels(must_link, cannot_link)
    assert sorted(labels.index) == sorted(names)
    assert all(labels[a] == labels[b] for a, b in must_link)
    assert all(labels[a] != labels[b] for a, b in cannot_link)
