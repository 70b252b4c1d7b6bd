"""Which id a cluster is given, from histories written by hand."""

import pandas as pd

from cx_assets.identity.persistence import customer_ids
from cx_assets.identity.tables import RECORD_CUSTOMER


def _day(number):
    return pd.Timestamp(2026, 1, number) if number is not None else pd.NaT


def _given(lives, clusters):
    """The id of every record; lives are (record, id, day from, day until or None), clusters are words of records."""
    rows = pd.DataFrame(lives, columns=["record_id", "customer_id", "known_from_at", "known_to_at"])
    for name in ("known_from_at", "known_to_at"):
        rows[name] = rows[name].astype("object").map(lambda number: _day(None if pd.isna(number) else int(number)))
    history = RECORD_CUSTOMER.typed(rows.assign(snapshot_sequence=1, snapshot_id="s1", valid_from_at=pd.NaT))
    held = {record: customer for record, customer, _, until in lives if until is None}
    there = sorted((record, number) for number, words in enumerate(clusters) for record in words.split())
    current = pd.DataFrame(there, columns=["record_id", "cluster"]).astype({"record_id": "str"})
    current["old_id"] = current["record_id"].map(held).astype("str")
    return dict(zip(current["record_id"], customer_ids(current, history), strict=True))


def test_a_record_that_comes_back_alone_regains_the_id_before_the_one_that_others_hold():
    # b was merged into A by a decision and then deleted; the decision was taken back while it was away.
    lives = [("a", "A", 1, None), ("b", "B", 1, 2), ("b", "A", 2, 3)]
    assert _given(lives, ["a", "b"]) == {"a": "A", "b": "B"}


def test_two_merges_undone_at_once_give_each_side_its_own():
    # y (A) took a (B) in, then both went to C. The smaller record_id gives a no right to A, which it came to by merge.
    lives = [
        ("y", "A", 1, 3), ("y", "C", 3, None),
        ("a", "B", 1, 2), ("a", "A", 2, 3), ("a", "C", 3, None),
        ("z", "C", 1, None),
    ]  # fmt: skip
    assert _given(lives, ["a", "y", "z"]) == {"a": "B", "y": "A", "z": "C"}


def test_three_merges_undone_at_once_go_back_three_steps():
    lives = [
        ("a", "B", 1, 2), ("a", "A", 2, 3), ("a", "C", 3, 4), ("a", "D", 4, None),
        ("w", "A", 1, 3), ("w", "C", 3, 4), ("w", "D", 4, None),
        ("y", "C", 1, 4), ("y", "D", 4, None),
        ("z", "D", 1, None),
    ]  # fmt: skip
    assert _given(lives, ["a", "w", "y", "z"]) == {"a": "B", "w": "A", "y": "C", "z": "D"}
    # Where they stay together it is the id that they had together.
    assert _given(lives, ["a w", "y", "z"]) == {"a": "A", "w": "A", "y": "C", "z": "D"}


def test_an_id_that_somebody_holds_is_regained_by_nobody():
    lives = [("a", "A", 1, 2), ("a", "B", 2, None), ("b", "B", 1, None), ("d", "B", 1, None), ("c", "A", 3, None)]
    given = _given(lives, ["a", "b d", "c"])
    assert (given["b"], given["d"], given["c"]) == ("B", "B", "A")
    assert given["a"] not in {"A", "B"}


def test_of_two_who_come_back_the_id_is_with_the_founder():
    # b came to A by the merge of B, which is held again; nobody else has a right to A.
    lives = [("m", "A", 1, 4), ("b", "B", 1, 2), ("b", "A", 2, 4), ("k", "B", 5, None)]
    assert _given(lives, ["m", "k"]) == {"m": "A", "k": "B"}


def test_a_merge_that_comes_and_goes_gives_the_same_id_at_every_split():
    # r2 was born within A, got B at the first split, went back to A, and leaves again.
    lives = [("r1", "A", 1, None), ("r2", "A", 1, 2), ("r2", "B", 2, 3), ("r2", "A", 3, None)]
    assert _given(lives, ["r1", "r2"]) == {"r1": "A", "r2": "B"}
    again = [*lives[:3], ("r2", "A", 3, 4), ("r2", "B", 4, 5), ("r2", "A", 5, None)]
    assert _given(again, ["r1", "r2"]) == {"r1": "A", "r2": "B"}
