"""Lives of ids from small ledgers written by hand."""

import json

import pandas as pd
import pytest

from cx_assets.identity.stewardship.ids import UnknownIdError, in_use, named
from cx_assets.identity.stewardship.life import in_words, life_of
from cx_assets.identity.tables import CUSTOMER_REDIRECT, LEDGER, RECORD_CUSTOMER

DAYS = [pd.Timestamp(2026, 7, day, 6) for day in range(1, 5)]


def _held(*rows):
    """Rows of record_id, customer_id, first and last day (None is now)."""
    return RECORD_CUSTOMER.typed(
        [
            {
                "record_id": record, "customer_id": customer, "known_from_at": DAYS[first],
                "known_to_at": pd.NaT if last is None else DAYS[last], "snapshot_sequence": first, "snapshot_id": "s",
            }
            for record, customer, first, last in rows
        ]
    )  # fmt: skip


def _event(day, kind, customer, other=None, record=None, rule=None, **evidence):
    return {
        "event_id": f"e{day}{kind}{customer}{record}", "event_type": kind, "customer_id": customer,
        "other_customer_id": other, "record_id": record, "rule": rule, "evidence": json.dumps(evidence),
        "known_at": DAYS[day], "snapshot_sequence": day, "snapshot_id": "s",
    }  # fmt: skip


def _redirects(*pairs):
    rows = [
        {"old_customer_id": old, "customer_id": new, "known_at": DAYS[1], "snapshot_sequence": 1} for old, new in pairs
    ]
    return CUSTOMER_REDIRECT.typed(pd.DataFrame(rows))


# a and b are c1, d is c2; c2 goes to c1; later a is split off as c3, d vanishes.
HELD = _held(("a", "c1", 0, 2), ("a", "c3", 2, None), ("b", "c1", 0, None), ("d", "c2", 0, 1), ("d", "c1", 1, 3))
LEDGER_ROWS = LEDGER.typed(
    [
        _event(0, "created", "c1", record="a", record_count=2),
        _event(0, "joined", "c1", record="b", rule="email", value_hashes={"email": ["123456"]}),
        _event(0, "created", "c2", record="d", record_count=1),
        _event(1, "merged", "c1", other="c2", rule="email+matched", record_count=1, match_weight=12.34,
               agreed_fields="given_name,email", differing_fields="phone"),
        _event(2, "created", "c3", record="a", record_count=1),
        _event(2, "split", "c3", other="c1", record_count=1, reason="birth dates differ"),
        _event(3, "retired", "c1", record="d"),
    ]
)  # fmt: skip
REDIRECTS = _redirects(("c2", "c1"))


def _words(life):
    return list(zip(life.events["known_at"], life.events["words"], strict=True))


def test_a_record_that_moved_and_vanished():
    life = life_of("d", HELD, LEDGER_ROWS, REDIRECTS)
    assert (life.kind, life.customer_id) == ("record", None)
    assert life.periods["customer_id"].tolist() == ["c2", "c1"]
    assert _words(life) == [
        (DAYS[0], "c2 was created with 1 record, the first d"),
        (
            DAYS[1],
            "c1 took over 1 record of c2, which ended; by an equal e-mail address and learnt weights; strongest link"
            " 12.3 bits; given_name, email agree; phone differ",
        ),
        (DAYS[3], "record d vanished from its source"),
    ]


def test_a_record_that_was_split_off():
    life = life_of("a", HELD, LEDGER_ROWS, REDIRECTS)
    assert (life.kind, life.customer_id) == ("record", "c3")
    assert [words for _, words in _words(life)] == [
        "c1 was created with 2 records, the first a",
        "c3 was created with 1 record, the first a",
        "1 record left c1 for c3; because birth dates differ",
    ]


def test_a_record_that_came_later_was_not_there_when_its_customer_was_created():
    held = _held(("a", "c1", 0, None), ("b", "c1", 1, None))
    told = [_event(0, "created", "c1", record="a", record_count=1), _event(1, "joined", "c1", record="b", rule="phone")]
    life = life_of("b", held, LEDGER.typed(told), _redirects())
    assert _words(life) == [(DAYS[1], "record b joined c1; by an equal telephone number")]


def test_a_customer_that_was_given_up_and_one_that_lives():
    gone = life_of("c2", HELD, LEDGER_ROWS, REDIRECTS)
    assert (gone.kind, gone.customer_id) == ("customer", "c1")
    assert [words.split(";")[0] for _, words in _words(gone)] == [
        "c2 was created with 1 record, the first d",
        "c2 was merged into c1, with 1 record",
    ]
    living = life_of("c1", HELD, LEDGER_ROWS, REDIRECTS)
    assert living.customer_id == "c1"
    assert living.periods["record_id"].tolist() == ["a", "b", "d"]
    assert [words.split(";")[0] for _, words in _words(living)] == [
        "c1 was created with 2 records, the first a",
        "record b joined c1",
        "c1 took over 1 record of c2, which ended",
        "1 record left c1 for c3",
        "record d vanished from its source",
    ]


def test_a_customer_whose_records_vanished_and_rules_of_a_split():
    retired = _event(0, "retired", "c1", record_count=3)
    assert in_words(retired) == "c1 ended: its records vanished (3 records)"
    split = _event(0, "split", "c3", other="c1", rule="phone", record_count=2, reason="given names differ")
    assert in_words(split) == ("2 records left c1 for c3; by an equal telephone number; because given names differ")


def test_ids_and_what_they_stand_for():
    record = named("a", HELD, REDIRECTS)
    assert (record.kind, record.customer_id, record.records, record.is_redirected) == ("record", "c3", ("a",), False)
    customer = named("c2", HELD, REDIRECTS)
    assert (customer.kind, customer.customer_id, customer.records) == ("customer", "c1", ("b",))
    assert customer.is_redirected
    with pytest.raises(UnknownIdError, match="the record d is no longer there"):
        named("d", HELD, REDIRECTS)
    with pytest.raises(UnknownIdError, match="the customer c2 has no records any more"):
        named("c2", HELD, _redirects())
    for ask in (named, lambda given, held, redirects: life_of(given, held, LEDGER_ROWS, redirects)):
        with pytest.raises(UnknownIdError, match="no record and no customer has the id 'x'"):
            ask("x", HELD, REDIRECTS)


def test_redirects_are_followed_to_their_end_and_a_circle_ends():
    assert in_use("c1", _redirects(("c1", "c2"), ("c2", "c3"))) == "c3"
    assert in_use("c1", _redirects(("c1", "c2"), ("c2", "c1"))) == "c2"
    assert in_use("c9", _redirects()) == "c9"


def test_a_customer_beside_one_of_its_records():
    held = _held(("a", "c1", 0, None), ("b", "c1", 0, None))
    customer, record = named("c1", held, REDIRECTS), named("b", held, REDIRECTS)
    assert (customer.beside(record).records, record.beside(customer).records) == (("a",), ("b",))
    assert customer.beside(customer).records == ()
    assert record.beside(record).records == ()
