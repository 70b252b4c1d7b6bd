"""Ids over several snapshots, worked out by hand; invariants with random histories."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.resolution import Resolution, resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import CUSTOMER_REDIRECT, LEDGER, RECORD_CUSTOMER

NOTHING = RECORD_CUSTOMER.typed(pd.DataFrame())
DAY_1 = datetime.fromisoformat("2026-01-01T06:00:00")


def day(number: int) -> datetime:
    return DAY_1 + timedelta(days=number - 1)


def own_id(record_id: str) -> str:
    return "c_" + hashlib.sha256(record_id.encode()).hexdigest()[:16]


def records(**emails: str | None) -> pd.DataFrame:
    """Records named by keyword, each with its e-mail's local part."""
    return pd.DataFrame(
        {
            "record_id": pd.Series(list(emails), dtype="str"),
            "source_system": "crm",
            "customer_type": "person",
            "email": pd.Series([name and f"{name}@web.de" for name in emails.values()], dtype="object"),
            "created_at": pd.Timestamp("2025-05-05 10:00"),
        }
    )


def run(frame, previous, number, must_link=(), **changes) -> Resolution:
    arguments = {"known_at": day(number), "snapshot_sequence": number, "snapshot_id": f"s{number}"} | changes
    decisions = Decisions(list(must_link), arguments.pop("cannot_link", ()), arguments.pop("source_merges", ()))
    settings = IdentitySettings(identifiers=tuple(arguments.pop("identifiers", ["email"])), matching="exact")
    evidence = weigh(
        duckdb.connect(), frame, Kept(), decisions, settings=settings, default_country="DE", as_of=None,
        snapshot_sequence=arguments["snapshot_sequence"],
    )  # fmt: skip
    return resolve(evidence, previous, **arguments)


def now(result: Resolution) -> dict[str, str]:
    table = result.record_customer
    open_rows = table[table["known_to_at"].isna()]
    assert open_rows["record_id"].is_unique
    return dict(zip(open_rows["record_id"], open_rows["customer_id"], strict=True))


def told(result: Resolution) -> set[tuple]:
    rows = result.ledger[["event_type", "customer_id", "other_customer_id", "record_id"]].astype("object")
    return {tuple(None if pd.isna(value) else value for value in row) for row in rows.to_numpy()}


def redirects(result: Resolution) -> dict[str, str]:
    return dict(zip(result.customer_redirect["old_customer_id"], result.customer_redirect["customer_id"], strict=True))


def test_first_run():
    result = run(records(b="anna", a="anna", c=None), NOTHING, 1)
    assert now(result) == {"a": own_id("a"), "b": own_id("a"), "c": own_id("c")}
    expected = pd.DataFrame(
        {
            "record_id": ["a", "b", "c"],
            "customer_id": [own_id("a"), own_id("a"), own_id("c")],
            "valid_from_at": pd.Timestamp("2025-05-05 10:00"),
            "valid_to_at": pd.NaT,
            "known_from_at": pd.Timestamp(day(1)),
            "known_to_at": pd.NaT,
            "snapshot_sequence": 1,
            "snapshot_id": "s1",
        }
    )
    assert_frame_equal(result.record_customer, RECORD_CUSTOMER.typed(expected))
    assert told(result) == {
        ("created", own_id("a"), None, "a"),
        ("created", own_id("c"), None, "c"),
        ("joined", own_id("a"), None, "b"),
    }
    joined = result.ledger[result.ledger["event_type"] == "joined"].iloc[0]
    assert joined["rule"] == "email"
    digest = hashlib.sha256(b"email\x1fanna@web.de").hexdigest()[:6]
    assert json.loads(joined["evidence"]) == {
        "shared_identifier_count": 1,
        "value_hashes": {"email": [digest]},
    }
    assert redirects(result) == {}
    assert result.summary["customer_count"] == 2
    assert result.summary["largest_customer_record_count"] == 2


def test_nothing_new_leaves_the_tables_as_they_are():
    first = run(records(a="anna", b="anna", c=None), NOTHING, 1)
    second = run(records(c=None, b="anna", a="anna"), first.record_customer, 2)
    assert_frame_equal(second.record_customer, first.record_customer)
    assert second.ledger.empty
    assert second.ledger.columns.tolist() == list(LEDGER.columns)


def test_no_records_at_all():
    result = run(records(), NOTHING, 1)
    assert_frame_equal(result.record_customer, NOTHING)
    assert result.ledger.empty
    assert result.customer_redirect.columns.tolist() == list(CUSTOMER_REDIRECT.columns)
    assert result.summary["customer_count"] == 0


def test_merge_survivor_has_the_most_records_then_is_the_oldest_then_the_smallest():
    first = run(records(a="anna", b="bert", c="bert"), NOTHING, 1)
    more = run(records(a="bert", b="bert", c="bert"), first.record_customer, 2)
    assert set(now(more).values()) == {own_id("b")}
    assert told(more) == {("merged", own_id("b"), own_id("a"), None)}
    assert json.loads(more.ledger.loc[0, "evidence"])["record_count"] == 1
    assert more.ledger.loc[0, "rule"] == "email"
    assert redirects(more) == {own_id("a"): own_id("b")}

    young = run(records(b="bert", a="anna"), run(records(b="bert"), NOTHING, 1).record_customer, 2)
    oldest = run(records(a="bert", b="bert"), young.record_customer, 3)
    assert set(now(oldest).values()) == {own_id("b")}

    equals = run(records(a="anna", b="bert"), NOTHING, 1)
    smallest = run(records(a="bert", b="bert"), equals.record_customer, 2)
    assert set(now(smallest).values()) == {min(own_id("a"), own_id("b"))}


def test_undone_merge_restores_membership_ids_and_redirects():
    frame = records(a="anna", b="bert", c="bert")
    first = run(frame, NOTHING, 1)
    merged = run(frame, first.record_customer, 2, must_link=[("c", "a")])
    assert set(now(merged).values()) == {own_id("b")}
    assert merged.ledger.loc[0, "rule"] == "must_link"
    undone = run(frame, merged.record_customer, 3)
    assert now(undone) == now(first)
    assert told(undone) == {("split", own_id("a"), own_id("b"), None)}
    assert redirects(undone) == {}
    rows_of_a = undone.record_customer.query("record_id == 'a'")
    assert rows_of_a["customer_id"].tolist() == [own_id("a"), own_id("b"), own_id("a")]
    assert rows_of_a["known_from_at"].tolist() == [pd.Timestamp(day(number)) for number in (1, 2, 3)]
    assert rows_of_a["known_to_at"].tolist()[:2] == [pd.Timestamp(day(2)), pd.Timestamp(day(3))]
    assert rows_of_a["snapshot_sequence"].tolist() == [2, 3, 3]


def test_undone_merge_gives_the_absorbed_side_its_id_even_when_it_has_grown_larger():
    first = run(records(a="anna", b="bert", c="bert"), NOTHING, 1)
    pair = [("a", "b")]
    merged = run(records(a="anna", b="bert", c="bert"), first.record_customer, 2, must_link=pair)
    grown = records(a="anna", b="bert", c="bert", d="anna", e="anna", f="anna")
    larger = run(grown, merged.record_customer, 3, must_link=pair)
    undone = run(grown, larger.record_customer, 4)
    expected = {name: own_id("b" if name in "bc" else "a") for name in "abcdef"}
    assert now(undone) == expected


def test_an_id_whose_own_records_are_gone_stays_with_the_largest_part():
    first = run(records(a="anna", b="bert", c="bert"), NOTHING, 1)
    merged = run(records(a="anna", b="bert", c="bert"), first.record_customer, 2, must_link=[("a", "b")])
    left = run(records(a="anna", d="anna", e="dora"), merged.record_customer, 3, must_link=[("a", "e")])
    parted = run(records(a="anna", d="anna", e="dora"), left.record_customer, 4)
    assert now(parted) == {"a": own_id("b"), "d": own_id("b"), "e": own_id("e")}


def test_undo_in_two_steps_goes_back_one_step_each():
    frame = records(a="anna", b="bert", c="bert", d="carl", e="carl", f="carl")
    first = run(frame, NOTHING, 1)
    second = run(frame, first.record_customer, 2, must_link=[("a", "b")])
    third = run(frame, second.record_customer, 3, must_link=[("a", "b"), ("b", "f")])
    assert set(now(third).values()) == {own_id("d")} | {now(third)["a"]}
    assert len(set(now(third).values())) == 1
    fourth = run(frame, third.record_customer, 4, must_link=[("a", "b")])
    assert now(fourth) == now(second)
    fifth = run(frame, fourth.record_customer, 5)
    assert now(fifth) == now(first)


def test_split_leaves_the_id_with_the_largest_part_then_with_the_smallest_record():
    first = run(records(a="anna", b="anna", c="anna"), NOTHING, 1)
    second = run(records(a="zoe", b="anna", c="anna"), first.record_customer, 2)
    assert now(second)["b"] == now(second)["c"] == own_id("a")
    # The id that derives from "a" is taken by the others, so the next one is derived.
    assert now(second)["a"] == own_id("a\x1f1")
    assert told(second) == {("created", own_id("a\x1f1"), None, "a"), ("split", own_id("a\x1f1"), own_id("a"), None)}
    tie = run(records(a="anna", b="bert"), run(records(a="anna", b="anna"), NOTHING, 1).record_customer, 2)
    assert now(tie) == {"a": own_id("a"), "b": own_id("b")}


def test_one_part_leaves_for_another_customer():
    first = run(records(a="anna", b="anna", c="anna", d="dora", e="dora"), NOTHING, 1)
    second = run(records(a="anna", b="anna", c="dora", d="dora", e="dora"), first.record_customer, 2)
    assert now(second) == {
        "a": own_id("a"),
        "b": own_id("a"),
        "c": own_id("d"),
        "d": own_id("d"),
        "e": own_id("d"),
    }
    assert told(second) == {("split", own_id("d"), own_id("a"), None)}
    assert redirects(second) == {}


def test_vanished_records_are_closed_and_a_returning_one_regains_its_id():
    first = run(records(a="anna", b="anna", c="carl"), NOTHING, 1)
    second = run(records(a="anna"), first.record_customer, 2)
    assert now(second) == {"a": own_id("a")}
    assert told(second) == {
        ("retired", own_id("a"), None, "b"),
        ("retired", own_id("c"), None, "c"),
        ("retired", own_id("c"), None, None),
    }
    assert redirects(second) == {}
    third = run(records(a="anna", c="carl"), second.record_customer, 3)
    assert now(third) == {"a": own_id("a"), "c": own_id("c")}
    assert told(third) == {("joined", own_id("c"), None, "c")}


def test_redirects_follow_a_chain_to_the_id_in_use():
    frame = records(a="anna", b="bert", c="bert", d="carl", e="carl", f="carl", g="carl")
    first = run(frame, NOTHING, 1)
    second = run(frame, first.record_customer, 2, must_link=[("a", "b")])
    third = run(frame, second.record_customer, 3, must_link=[("a", "b"), ("a", "d")])
    assert redirects(second) == {own_id("a"): own_id("b")}
    assert redirects(third) == {own_id("a"): own_id("d"), own_id("b"): own_id("d")}
    assert third.customer_redirect["snapshot_sequence"].tolist() == [3, 3]


def test_a_repeated_snapshot_ends_in_the_same_tables():
    frame = records(a="anna", b="bert", c="bert")
    first = run(frame, NOTHING, 1)
    changed = records(a="bert", b="bert", d="dora")
    once = run(changed, first.record_customer, 2)
    again = run(changed, once.record_customer, 2)
    thrice = run(changed, again.record_customer, 2)
    for repeated in (again, thrice):
        assert_frame_equal(repeated.record_customer, once.record_customer)
        assert_frame_equal(repeated.ledger, once.ledger)
        assert_frame_equal(repeated.customer_redirect, once.customer_redirect)


def test_a_repeated_snapshot_with_other_input_keeps_what_was_known_before():
    frame = records(a="anna", b="bert")
    first = run(frame, NOTHING, 1)
    wrong = run(records(a="anna"), first.record_customer, 2)
    mended = run(frame, wrong.record_customer, 2)
    again = run(frame, mended.record_customer, 2)
    for result in (mended, again):
        assert now(result) == now(first)
        assert result.record_customer["known_from_at"].tolist() == [pd.Timestamp(day(1))] * 2
        assert result.ledger.empty


def test_time_and_snapshots_do_not_run_backwards():
    first = run(records(a="anna"), NOTHING, 5)
    early = run(records(a="anna", b="bert"), first.record_customer, 6, known_at=day(2))
    assert early.record_customer["known_from_at"].tolist() == [pd.Timestamp(day(5))] * 2
    with pytest.raises(ValueError, match="later than 4"):
        run(records(a="anna"), first.record_customer, 4)
    with pytest.raises(ValueError, match="naive UTC"):
        run(records(a="anna"), NOTHING, 1, known_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_corrected_creation_time_opens_a_row_without_an_event():
    frame = records(a="anna")
    first = run(frame, NOTHING, 1)
    second = run(frame.assign(created_at=pd.NaT), first.record_customer, 2)
    third = run(frame.assign(created_at=pd.NaT), second.record_customer, 3)
    assert second.record_customer["valid_from_at"].isna().tolist() == [False, True]
    assert second.ledger.empty
    assert_frame_equal(third.record_customer, second.record_customer)


def test_a_source_that_gives_its_own_key_only():
    frame = pd.DataFrame(
        {
            "record_id": ["olist:1", "olist:2", "olist:3"],
            "source_system": "olist",
            "source_person_id": ["p1", "p2", "p1"],
            "customer_type": "person",
            "email": pd.Series([None] * 3, dtype="str"),
            "phone": pd.Series([None] * 3, dtype="str"),
            "tax_number": pd.Series([None] * 3, dtype="str"),
            "country_code": "BR",
            "created_at": pd.Series([pd.NaT] * 3, dtype="datetime64[us]"),
        }
    )
    result = run(frame, NOTHING, 1, identifiers=["source_person_id", "email", "phone", "tax_number"])
    assert now(result) == {
        "olist:1": own_id("olist:1"),
        "olist:2": own_id("olist:2"),
        "olist:3": own_id("olist:1"),
    }
    assert result.record_customer["valid_from_at"].isna().all()
    assert result.summary["edge_counts"] == {"source_person_id": 1}


def test_the_ledger_holds_no_personal_data():
    result = run(records(a="anna", b="anna"), NOTHING, 1)
    assert "anna" not in result.ledger.to_csv()


NAMES = [f"r{number}" for number in range(7)]
WORLD = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["x", "y", "z", None]), max_size=7)


@settings(max_examples=12, deadline=None)
@given(st.lists(WORLD, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_random_histories_keep_the_invariants(worlds, shuffler):
    table, before = NOTHING, {}
    used: set[str] = set()
    for number, world in enumerate(worlds, start=1):
        order = list(world)
        shuffler.shuffle(order)
        result = run(records(**{name: world[name] for name in order}), table, number)
        straight = run(records(**dict(sorted(world.items()))), table, number)
        assert_frame_equal(result.record_customer, straight.record_customer)
        assert_frame_equal(result.ledger, straight.ledger)
        after = now(result)
        assert set(after) == set(world), "a record was lost or kept"
        for one in world:
            for other in world:
                together = one == other or (world[one] is not None and world[one] == world[other])
                assert (after[one] == after[other]) == together
        events = told(result)
        for name in NAMES:
            old, new = before.get(name), after.get(name)
            if old and new and old != new:
                assert {("merged", new, old, None), ("split", new, old, None)} & events
            elif old and not new:
                assert ("retired", old, None, name) in events
            elif new and not old:
                assert {("joined", new, None, name), ("created", new, None, name)} & events
        created = {customer_id for kind, customer_id, *_ in events if kind == "created"}
        assert created == set(after.values()) - used
        used |= set(after.values())
        assert set(redirects(result).values()) <= set(after.values())
        assert not set(redirects(result)) & set(after.values())
        assert result.ledger["event_id"].is_unique
        periods = result.record_customer.sort_values(["record_id", "known_from_at"])
        ends = periods.groupby("record_id")["known_to_at"].shift(1)
        assert not (periods["known_from_at"] < ends).any(), "periods of one record overlap"
        table, before = result.record_customer, after


@settings(max_examples=12, deadline=None)
@given(WORLD, st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=4))
def test_any_undone_merge_restores_every_membership(world, pairs):
    frame = records(**world)
    before = run(frame, NOTHING, 1)
    merged = run(frame, before.record_customer, 2, must_link=pairs)
    undone = run(frame, merged.record_customer, 3)
    assert now(undone) == now(before)
    assert redirects(undone) == {}


def test_a_record_that_its_source_merged_away_stays_a_record_of_its_customer():
    before = run(records(a="ann", b="work", c="cid"), NOTHING, 1)
    ids = now(before)
    # b vanishes; a says that it was merged into it.
    merged = run(records(a="ann", c="cid"), before.record_customer, 2, source_merges=[("b", "a")])
    after = now(merged)
    assert after["a"] == after["b"]
    # One of the two ids they had lives on.
    assert after["a"] in (ids["a"], ids["b"])
    assert after["c"] == ids["c"]
    # A later merge of the survivor: the chain ends in c.
    chain = run(records(c="cid"), merged.record_customer, 3, source_merges=[("b", "a"), ("a", "c")])
    assert set(now(chain)) == {"a", "b", "c"}
    assert len(set(now(chain).values())) == 1
    # Nothing new changes nothing.
    again = run(records(c="cid"), chain.record_customer, 4, source_merges=[("b", "a"), ("a", "c")])
    assert now(again) == now(chain)
    assert again.ledger.empty
    # Taken back by the source: the records are gone for good.
    undone = run(records(c="cid"), again.record_customer, 5)
    assert set(now(undone)) == {"c"}


def test_merges_join_records_that_are_both_there_and_name_nobody_where_none_is():
    result = run(records(a="ann", b="work"), NOTHING, 1, source_merges=[("b", "a"), ("x", "y"), ("y", "x")])
    ids = now(result)
    assert set(ids) == {"a", "b"}
    assert ids["a"] == ids["b"]
    assert result.summary["source_merge_unknown_count"] == 1
    assert result.summary["edge_counts"] == {"source_merge": 1}
