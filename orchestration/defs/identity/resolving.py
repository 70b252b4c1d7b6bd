"""Reads what identity needs, calls the domain once, and names the tables that come of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryDirectory

import duckdb

from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.resolution import Resolution, resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import (
    CUSTOMER_REDIRECT,
    HOUSEHOLD,
    LEDGER,
    LINK,
    MATCH_COUNT,
    MATCH_MODEL,
    MATCHED_RECORD,
    RECORD_CUSTOMER,
    REVIEW_PAIR,
)
from orchestration.declaration.company import Company
from orchestration.snapshots.snapshot import Snapshot
from orchestration.warehouse.database import Replacement, Warehouse

_RECORDS = """
    select record_id, source_system, source_person_id, customer_type, given_name, family_name, company_name, birth_date,
        email, phone, tax_number, street_address, postal_code, city, country_code, created_at
    from intermediate.int_identity__current_record order by record_id"""
_MERGES = """
    select merged_record_id, into_record_id from intermediate.int_identity__record_merge order by merged_record_id"""


@contextmanager
def _scratch(warehouse: Warehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine of its own within the warehouse's limits; what matching makes there is gone with it."""
    with TemporaryDirectory(prefix="cx-matching-") as folder:
        connection = duckdb.connect()
        try:
            connection.execute("set memory_limit = ?", [warehouse.memory_limit])
            connection.execute("set threads = ?", [warehouse.threads])
            connection.execute("set temp_directory = ?", [folder])
            yield connection
        finally:
            connection.close()


def resolved(
    warehouse: Warehouse, company: Company, snapshot: Snapshot, now: datetime
) -> tuple[Resolution, list[Replacement]]:
    """Resolve the current records.

    Args:
        warehouse: The company's warehouse, stage 1 of it built.
        company: The company.
        snapshot: The pinned snapshot.
        now: The run's time, naive UTC.

    Returns:
        What was found, and the tables to write in one transaction.
    """
    records, merges, previous, models, compared, links = warehouse.frames(
        [
            _RECORDS,
            _MERGES,
            f"select * from {RECORD_CUSTOMER.relation} order by record_id, known_from_at",
            *(f"select * from {table.relation}" for table in (MATCH_MODEL, MATCHED_RECORD, LINK)),
        ]
    )
    decisions = Decisions(company.must_link(), company.cannot_link(), list(merges.itertuples(index=False, name=None)))
    with _scratch(warehouse) as connection:
        evidence = weigh(
            connection,
            records,
            Kept(MATCH_MODEL.typed(models), MATCHED_RECORD.typed(compared), LINK.typed(links)),
            decisions,
            settings=company.settings(IdentitySettings),
            default_country=company.country_code,
            as_of=snapshot.as_of_date,
            snapshot_sequence=snapshot.snapshot_sequence,
        )
    found = resolve(
        evidence,
        previous,
        known_at=now,
        snapshot_sequence=snapshot.snapshot_sequence,
        snapshot_id=snapshot.snapshot_id,
    )
    of_snapshot = f"snapshot_sequence = {snapshot.snapshot_sequence}"
    return found, [
        Replacement(RECORD_CUSTOMER, found.record_customer),
        Replacement(LEDGER, found.ledger, where=of_snapshot),
        Replacement(CUSTOMER_REDIRECT, found.customer_redirect),
        Replacement(MATCH_MODEL, evidence.kept.models),
        Replacement(MATCHED_RECORD, evidence.kept.records),
        Replacement(LINK, evidence.kept.links),
        Replacement(REVIEW_PAIR, found.review_pair),
        Replacement(HOUSEHOLD, found.household),
        # A snapshot that is repeated after a kill scores nothing again: the weights that it told stand.
        Replacement(
            MATCH_COUNT,
            found.match_count,
            where=of_snapshot if any(evidence.pair_weights.values()) else f"{of_snapshot} and measure <> 'pair_weight'",
        ),
    ]
