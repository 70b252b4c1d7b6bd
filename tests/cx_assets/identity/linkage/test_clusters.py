"""Which links become customers, and which are refused."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_assets.identity.linkage.clusters import clusters
from cx_assets.identity.linkage.conflicts import nearly_equal_dates, nearly_equal_names
from cx_assets.identity.linkage.settings import LinkageSettings
from cx_assets.identity.linkage.standardise import standardise


def _standard(*rows, kind="person"):
    records = pd.DataFrame(rows).assign(source_system=[row.get("source_system", "crm") for row in rows])
    return standardise(records, LinkageSettings(customer_type=kind))


def _links(*rows):
    return pd.DataFrame(
        [(a, b, weight, 0.99, "", "") for a, b, weight in rows],
        columns=[
            "record_id_a",
            "record_id_b",
            "match_weight",
            "match_probability",
            "agreed_fields",
            "differing_fields",
        ],
    )


def _groups(found):
    return sorted(sorted(group["record_id"]) for _, group in found.labels.groupby("cluster"))


def _person(record_id, given_name=None, birth_date=None, **fields):
    return {"record_id": record_id, "given_name": given_name, "family_name": "Meier", "birth_date": birth_date} | fields


def test_a_record_without_date_does_not_join_father_and_son():
    standard = _standard(_person("a", "Hans", "1950-03-02"), _person("b", "Hans"), _person("c", "Hans", "1980-11-20"))
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 8.0)))
    assert _groups(found) == [["a", "b"], ["c"]]
    assert found.refused.values.tolist() == [["b", "c", 8.0, "birth dates differ"]]


def test_a_typing_error_in_the_date_is_no_conflict():
    standard = _standard(_person("a", "Hans", "1950-03-02"), _person("b", "Hans"), _person("c", "Hans", "1950-02-03"))
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 8.0)))
    assert _groups(found) == [["a", "b", "c"]]
    assert found.refused.empty


def test_two_given_names_are_not_joined_by_a_record_without_one():
    standard = _standard(_person("a", "Tobias"), _person("b"), _person("c", "Anna"))
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 8.0)))
    assert _groups(found) == [["a", "b"], ["c"]]
    assert found.refused["reason"].tolist() == ["given names differ"]


def test_nickname_and_initial_are_no_conflict():
    standard = _standard(_person("a", "Robert"), _person("b"), _person("c", "Bob"), _person("d", "R."))
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 11.0), ("b", "d", 10.0)))
    assert _groups(found) == [["a", "b", "c", "d"]]


def test_what_a_person_declared_apart_stays_apart():
    standard = _standard(_person("a", "Hans"), _person("b", "Hans"), _person("c", "Hans"))
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 8.0)), cannot_link=[("c", "a")])
    assert _groups(found) == [["a", "b"], ["c"]]
    assert found.refused["reason"].tolist() == ["declared not to be one customer"]


def test_a_source_without_duplicates_gives_one_record_each():
    standard = _standard(
        _person("a", "Hans", source_system="x"), _person("b", "Hans", source_system="y"),
        _person("c", "Hans", source_system="y"),
    )  # fmt: skip
    found = clusters(standard, _links(("a", "b", 8.0), ("a", "c", 12.0)), sources_without_duplicates=["y"])
    assert _groups(found) == [["a", "c"], ["b"]]


def test_one_weak_link_does_not_join_two_groups():
    standard = _standard(*(_person(name, "Hans") for name in "abcd"))
    weak = _links(("a", "b", 20.0), ("c", "d", 19.0), ("b", "c", 3.0))
    found = clusters(standard, weak, threshold_weight=0.0)
    # Four bits above the threshold a link is no longer weak, whatever else there is.
    assert _groups(clusters(standard, weak, threshold_weight=-1.0)) == [["a", "b", "c", "d"]]
    assert _groups(found) == [["a", "b"], ["c", "d"]]
    assert found.refused["reason"].tolist() == ["one weak link between two groups"]
    twice = clusters(standard, _links(("a", "b", 20.0), ("c", "d", 19.0), ("b", "c", 3.0), ("a", "d", 2.5)))
    assert _groups(twice) == [["a", "b", "c", "d"]]


def test_companies_of_other_names_and_tax_numbers_are_not_joined():
    rows = [("a", "Nord Holz GmbH", "DE100012047"), ("b", None, None), ("c", "Berg Bau AG", "DE100077511")]
    standard = _standard(
        *({"record_id": r, "company_name": n, "tax_number": t, "country_code": "DE"} for r, n, t in rows),
        kind="company",
    )
    found = clusters(standard, _links(("a", "b", 12.0), ("b", "c", 8.0)))
    assert _groups(found) == [["a", "b"], ["c"]]
    assert found.refused["reason"].tolist() == ["tax numbers differ"]


def test_records_without_links_are_alone():
    standard = _standard(_person("a"), _person("b"))
    assert _groups(clusters(standard, _links())) == [["a"], ["b"]]


_NAMES = "abcdef"


@given(
    links=st.lists(
        st.tuples(st.sampled_from(list(itertools.combinations(_NAMES, 2))), st.integers(1, 9)),
        max_size=12, unique_by=lambda link: link[0],
    ),
    dates=st.lists(st.sampled_from(["1950-01-01", "1980-07-15", None]), min_size=6, max_size=6),
    data=st.data(),
)  # fmt: skip
def test_the_order_of_the_input_changes_nothing(links, dates, data):
    standard = _standard(*(_person(name, "Hans", born) for name, born in zip(_NAMES, dates, strict=True)))
    rows = [(a, b, float(weight)) for (a, b), weight in links]
    first = clusters(standard, _links(*rows))
    again = clusters(
        standard.sample(frac=1, random_state=data.draw(st.integers(0, 99))), _links(*data.draw(st.permutations(rows)))
    )
    pd.testing.assert_frame_equal(first.labels, again.labels)
    pd.testing.assert_frame_equal(first.refused, again.refused)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1980-03-05", "1980-05-03", True),  # day and month swapped
        ("1980-03-05", "1981-03-05", True),  # one digit
        ("1980-12-31", "1981-01-15", True),  # fifteen days
        ("1950-03-02", "1980-11-20", False),
    ],
)
def test_dates_within_a_typing_error(left, right, expected):
    assert nearly_equal_dates(left, right) is expected
    assert nearly_equal_dates(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("hans", "h", True), ("oliver", "olievr", True), ("andreas", "andi", True), ("anna", "tobias", False)],
)
def test_names_within_a_typing_error(left, right, expected):
    assert nearly_equal_names(left, right) is expected
