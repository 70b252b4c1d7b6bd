"""A published generation of six customers, made by hand, and declarations over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.declaration.settings.exports import Export
from orchestration.publication.generations import PublishedTable
from orchestration.publication.targets.protocol import FinishedGeneration
from tests.orchestration.publication.made import publish_file

TABLES = [
    PublishedTable("core", "bridge_record_customer"),
    PublishedTable("core", "dim_customer"),
    PublishedTable("core", "dim_customer_identity", is_personal=True),
    PublishedTable("core", "fct_consent_event"),
    PublishedTable("core", "fct_ticket"),
    PublishedTable("marts", "mart_segment__rfm"),
]
# Observed on 2026-06-30. c6 is scored and no longer there; c5 has no telephone.
STATEMENTS = """
create schema core; create schema marts;
create table core.dim_customer as select 'c' || i as customer_id from range(1, 6) t(i);
create table core.dim_customer_identity as select * from (values
    ('c1', '=Ann', '+4930111', 'ann@example.org'), ('c2', 'Ben', '030 222', null), ('c3', 'Cem', '030 333', null),
    ('c4', 'Dan', '030 444', null), ('c5', 'Eve', ' ', null)) t(customer_id, given_name, phone, email);
create table core.bridge_record_customer as select * from (values
    ('r1', 'c1', true), ('r2', 'c2', true), ('r3', 'c3', true), ('r3b', 'c3', true), ('r4', 'c4', true),
    ('r5', 'c5', true), ('r2', 'c1', false)) t(record_id, customer_id, is_current);
create table core.fct_consent_event as select *, cast(occurred_at as date) as occurred_date from (values
    ('r1', timestamp '2026-01-01 10:00:00', 'marketing', null, 'given'),
    ('r2', timestamp '2026-01-01 10:00:00', 'marketing', null, 'given'),
    ('r2', timestamp '2026-02-01 10:00:00', 'marketing', 'phone', 'withdrawn'),
    ('r3', timestamp '2026-01-01 10:00:00', 'marketing', null, 'given'),
    ('r3b', timestamp '2026-02-01 10:00:00', 'marketing', null, 'withdrawn'),
    ('r3', timestamp '2026-03-01 10:00:00', 'marketing', null, 'given'),
    ('r4', timestamp '2026-01-01 10:00:00', 'research', null, 'given'),
    ('r5', timestamp '2026-01-01 10:00:00', 'marketing', null, 'given')
    ) t(record_id, occurred_at, purpose, channel, action);
create table core.fct_ticket as select * from (values
    ('r1', true, date '2026-06-01', null::date), ('r3', true, date '2026-06-01', date '2026-06-30'),
    ('r4', false, date '2026-06-01', null)) t(record_id, is_complaint, opened_date, resolved_date);
create table marts.mart_segment__rfm as select * from (values
    ('c1', 'loyal', 10.50::decimal(18,2), 5), ('c2', 'loyal', -3.00, 4), ('c3', '@lost', null, 1),
    ('c4', 'lost', 0.00, 1), ('c5', 'loyal', 7.25, 5), ('c6', 'loyal', 1.00, 2)
    ) t(customer_id, rfm_segment, purchase_amount, recency_score);
"""
SYNC: dict[str, Any] = {
    "description": "Segments for the CRM.",
    "table": "marts.mart_segment__rfm",
    "columns": ["customer_id", "rfm_segment"],
    "key": ["customer_id"],
    "to": {"kind": "csv"},
    "max_rows": 100,
}
CALLS: dict[str, Any] = {
    **SYNC,
    "columns": {"customer_id": "Customer", "purchase_amount": "Amount"},
    "contact": {"phone": "Phone", "given_name": "Name"},
    "key": ["Customer"],
    "purpose": "marketing",
}


def make_warehouse(folder: Path) -> Path:
    """The warehouse that is published."""
    path = folder / "warehouse" / "cx.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(STATEMENTS)
    return path


def publish_generation(warehouse: Path, published: Path, sequence: int = 1) -> FinishedGeneration:
    """Publish it."""
    publish_file(warehouse, published, sequence, TABLES)
    return FinishedGeneration.current(published, {})


def declared(base: dict[str, Any], **changed: Any) -> Export:
    """A declaration with other values."""
    return Export.model_validate({**base, **changed})
