"""Edges and clusters, worked out by hand."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.identity.matching import MANY_RECORDS, MAXIMUM_SHARING, connected_components, idle_identifiers, match

ALL = ["source_person_id", "email", "phone", "tax_number"]


def records(*rows):
    columns = ["record_id", "email", "phone", "source_person_id", "customer_type"]
    frame = pd.DataFrame([(*row, *[None] * (5 - len(row))) for row in rows], columns=columns, dtype="object")
    frame["customer_type"] = frame["customer_type"].fillna("person")
    return frame.assign(source_system="crm", tax_number=None, country_code="DE")


def edges_of(frame, **settings):
    found = match(frame, identifiers=ALL, default_country="DE", **settings)
    return list(found.edges[["record_id_a", "record_id_b", "rule"]].itertuples(index=False, name=None)), found.counts


def test_shared_values_become_stars_around_the_smallest_record():
    edges, _ = edges_of(
        records(
            ("c", "anna@web.de"),
            ("a", "ANNA@web.de", "030 901820"),
            ("d", None, "+4930901820", "K1"),
            ("b", "anna@web.de", None, "K1"),
        )
    )
    assert edges == [
        ("a", "b", "email"),
        ("a", "c", "email"),
        ("a", "d", "phone"),
        ("b", "d", "source_person_id"),
    ]


def test_nulls_blanks_placeholders_and_invalid_values_join_nobody_and_are_counted():
    edges, counts = edges_of(
        records(
            ("a", None, "000000"),
            ("b", "", "000000"),
            ("c", "nonsense"),
            ("d", "nonsense"),
            ("e", "none@web.de"),
        )
    )
    assert edges == []
    assert counts["email"] == {
        "usable_record_count": 0,
        "joined_record_count": 0,
        "invalid_record_count": 2,
        "placeholder_record_count": 1,
        "shared_value_count": 0,
        "shared_record_count": 0,
    }
    assert counts["phone"]["placeholder_record_count"] == 2


def test_a_value_of_too_many_records_is_no_evidence():
    limit = MAXIMUM_SHARING["email"]
    at_limit = records(*[(f"r{number:03}", "office@firm.de") for number in range(limit)])
    over = records(*[(f"r{number:03}", "office@firm.de") for number in range(limit + 1)])
    assert len(edges_of(at_limit)[0]) == limit - 1
    edges, counts = edges_of(over)
    assert edges == []
    assert (counts["email"]["shared_value_count"], counts["email"]["shared_record_count"]) == (1, limit + 1)


def test_records_that_the_source_calls_one_person_count_once_against_the_limit():
    many = MAXIMUM_SHARING["email"] + 5
    edges, counts = edges_of(records(*[(f"r{number:03}", "anna@web.de", None, "K1") for number in range(many)]))
    assert counts["email"]["shared_value_count"] == 0
    assert len(edges) == 2 * (many - 1)


def test_a_person_and_a_company_meet_only_by_the_sources_key_or_by_declaration():
    frame = records(("a", "anna@web.de", None, None, "person"), ("b", "anna@web.de", None, None, "company"))
    assert edges_of(frame)[0] == []
    assert edges_of(frame, must_link=[("b", "a")])[0] == [("a", "b", "must_link")]
    keyed = records(("a", None, None, "K1", "person"), ("b", None, None, "K1", "company"))
    assert edges_of(keyed)[0] == [("a", "b", "source_person_id")]


def test_declared_pairs_with_unknown_records_are_counted_and_left_out():
    edges, counts = edges_of(records(("a",), ("b",)), must_link=[("a", "zz"), ("b", "a"), ("a", "b"), ("a", "a")])
    assert edges == [("a", "b", "must_link")]
    assert counts["must_link_unknown_count"] == 1


def test_edges_hold_no_personal_data():
    found = match(records(("a", "anna@web.de"), ("b", "anna@web.de")), identifiers=["email"], default_country="DE")
    assert "anna" not in found.edges.to_csv()
    assert found.edges["value_hash"].str.fullmatch("[0-9a-f]{6}").all()


def test_input_errors_are_named():
    with pytest.raises(ValueError, match="record_id repeats"):
        edges_of(records(("a",), ("a",)))
    with pytest.raises(ValueError, match="record_id is null"):
        edges_of(records(("a",), (None,)))


def test_components_of_a_chain_and_of_nothing():
    edges = pd.DataFrame({"record_id_a": ["a", "b"], "record_id_b": ["b", "d"]})
    labels = connected_components(pd.Series(["a", "b", "c", "d"]), edges)
    assert labels[0] == labels[1] == labels[3] != labels[2]
    assert len(connected_components(pd.Series([], dtype="str"), edges.iloc[:0])) == 0
    with pytest.raises(ValueError, match="not there"):
        connected_components(pd.Series(["a", "b"]), edges)


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_clusters_equal_the_transitive_closure(pairs):
    names = [f"r{number:02}" for number in range(12)]
    edges = pd.DataFrame([(names[a], names[b]) for a, b in pairs], columns=["record_id_a", "record_id_b"])
    labels = connected_components(pd.Series(names), edges)
    reach = [{number} for number in range(12)]
    for _ in range(12):
        for a, b in pairs:
            reach[a] = reach[b] = reach[a] | reach[b]
    for a, b in itertools.combinations(range(12), 2):
        joined = b in reach[a] or a in reach[b]
        assert (labels[a] == labels[b]) == joined


def two_systems(count):
    """The same loyalty numbers in the CRM and in the shop, each once in either."""
    systems, numbers = ("crm", "shop"), range(1, count + 1)
    frame = records(*((f"{system}:{n}", None, None, f"{n:04}") for system in systems for n in numbers))
    return frame.assign(source_system=[system for system in systems for _ in numbers])


def test_a_number_that_systems_share_joins_across_them_and_the_sources_own_key_does_not():
    frame = two_systems(3)
    shared = match(frame, identifiers=["shared_person_id"], default_country="DE")
    assert list(shared.edges[["record_id_a", "record_id_b", "rule"]].itertuples(index=False, name=None)) == [
        ("crm:1", "shop:1", "shared_person_id"),
        ("crm:2", "shop:2", "shared_person_id"),
        ("crm:3", "shop:3", "shared_person_id"),
    ]
    assert shared.counts["shared_person_id"]["joined_record_count"] == 3
    own = match(frame, identifiers=["source_person_id"], default_country="DE")
    assert own.edges.empty


def test_an_identifier_that_joins_nobody_is_told_from_some_records_on():
    idle = match(two_systems(MANY_RECORDS // 2), identifiers=["source_person_id"], default_country="DE").counts
    assert idle_identifiers(idle) == [
        "the identifier source_person_id joins nobody, although 20 records have it; it holds within one source: if"
        " several sources share the number, name shared_person_id instead"
    ]
    few = match(two_systems(MANY_RECORDS // 2 - 1), identifiers=["source_person_id"], default_country="DE").counts
    assert idle_identifiers(few) == []
    joined = match(two_systems(50), identifiers=["shared_person_id"], default_country="DE").counts
    assert idle_identifiers(joined) == []
