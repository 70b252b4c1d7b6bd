"""What identity found, published: every number worked out by hand from the small company's rows, after a merge."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt.company import Company
from tests.dbt.small_company import complete_company

MERGED_AT = datetime.fromisoformat("2026-04-02T22:30")
WARNING = "WARN 1 matching_has_not_drifted"


def counts(sequence: int, links: int) -> list[dict[str, object]]:
    """One run of matching over a hundred records."""
    run = {"snapshot_sequence": sequence, "known_at": MERGED_AT, "customer_type": "person", "bucket": 0}
    measures = {"records": 100, "customers": 80, "links": links}
    return [run | {"measure": measure, "value": value} for measure, value in measures.items()]


def merged_company(folder: Path) -> Company:
    """B's record goes to A in the second run."""
    company = complete_company(folder)
    company.assign(2, MERGED_AT, b="A")
    company.insert(
        "identity.ledger",
        {"event_id": "e1", "event_type": "merged", "customer_id": "A", "other_customer_id": "B"}
        | {"rule": "email", "evidence": '{"record_count": 1, "shared_identifier_count": 1}', "known_at": MERGED_AT}
        | {"snapshot_sequence": 2, "snapshot_id": "snapshot-0002"},
    )
    company.insert(
        "identity.customer_redirect",
        {"old_customer_id": "B", "customer_id": "A", "known_at": MERGED_AT, "snapshot_sequence": 2},
    )
    home = {"household_id": "h1", "member_count": 2, "shared": "address"}
    company.insert("identity.household", {"customer_id": "A"} | home, {"customer_id": "C"} | home)
    company.insert(
        "identity.review_pair",
        {"record_id_a": "crm:a", "record_id_b": "crm:c", "customer_id_a": "A", "customer_id_b": "C"}
        | {"customer_type": "person", "reason": "below the threshold", "match_weight": 1.0, "match_probability": 2 / 3},
    )
    company.insert("identity.match_count", *counts(1, 10), *counts(2, 60))
    return company


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, str]:
    company = merged_company(tmp_path_factory.mktemp("merged") / "company")
    return company, company.build()


def test_the_event_says_what_the_merge_moved(merged: tuple[Company, str]) -> None:
    # o2 of 30 and o6, which was canceled and has no lines. The merge was found on 3 April in Berlin.
    assert merged[0].rows(
        "select event_type, customer_id, other_customer_id, known_date, record_count, moved_order_count, "
        "moved_net_amount, currency_code from marts.mart_customer__identity_event"
    ) == [("merged", "A", "B", date(2026, 4, 3), 1, 2, Decimal("30.00"), "EUR")]


def test_the_old_id_leads_to_the_new_one(merged: tuple[Company, str]) -> None:
    assert merged[0].rows("select * from marts.mart_customer__customer_redirect") == [
        ("B", "A", MERGED_AT, date(2026, 4, 3))
    ]


def test_a_household_has_what_its_customers_have(merged: tuple[Company, str]) -> None:
    # A with B: o1 (10 + 20 - 20), o2 (30), o4 (50; its other lines break rules), the canceled o6. C: o7, in dollars.
    assert merged[0].rows(
        "select household_id, member_count, shared, purchasing_customer_count, order_count, net_amount, "
        "last_purchase_date from marts.mart_customer__household"
    ) == [("h1", 2, "address", 2, 5, Decimal("90.00"), date(2026, 3, 29))]
    assert merged[0].rows("select * from core.bridge_customer_household order by all") == [("A", "h1"), ("C", "h1")]


def test_the_queue_says_what_hangs_on_a_pair(merged: tuple[Company, str]) -> None:
    assert merged[0].rows(
        "select review_rank, record_id_a, record_id_b, order_count, net_amount "
        "from marts.mart_operations__identity_review"
    ) == [(1, "crm:a", "crm:c", 5, Decimal("90.00"))]


def test_a_drift_of_the_newest_run_is_a_warning(merged: tuple[Company, str]) -> None:
    company, printed = merged
    # 60 beside 10 links of a hundred records each.
    assert company.rows(
        "select snapshot_sequence, is_current, is_drifted from marts.mart_operations__identity_quality order by all"
    ) == [(1, False, None), (2, True, True)]
    assert WARNING in printed
    # An older run's drift is history.
    company.insert("identity.match_count", *counts(3, 60))
    assert WARNING not in company.build("--select", "mart_operations__identity_quality")


def test_each_field_of_the_merged_customer_names_its_record(merged: tuple[Company, str]) -> None:
    # b was changed last; the two say Anna and Ana, Kiel and Bonn, and both DE. The rest stands in one record.
    assert merged[0].rows(
        "select field, record_id, value_count, record_count, decided_by from marts.mart_customer__field_source "
        "order by 1"
    ) == [
        ("address", "crm:b", 2, 2, "recency"),
        ("birth_date", "crm:a", 1, 2, "only value"),
        ("country_code", "crm:b", 1, 2, "only value"),
        ("email", "crm:a", 1, 2, "only value"),
        ("family_name", "crm:a", 1, 2, "only value"),
        ("given_name", "crm:b", 2, 2, "recency"),
        ("language_code", "crm:b", 1, 2, "only value"),
        ("phone", "crm:b", 1, 2, "only value"),
    ]
