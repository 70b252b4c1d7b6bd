"""The tables keep their values and types on the way through the warehouse's engine."""

from datetime import datetime

import duckdb
import pandas as pd
from pandas.testing import assert_frame_equal

from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.resolution import resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import CUSTOMER_REDIRECT, LEDGER, RECORD_CUSTOMER
from tests.cx_assets.through_duckdb import through


def run(records, previous, number):
    settings = IdentitySettings(identifiers=("email", "phone"))
    evidence = weigh(
        duckdb.connect(), records, Kept(), Decisions(), settings=settings, default_country="DE", as_of=None,
        snapshot_sequence=number,
    )  # fmt: skip
    return resolve(
        evidence,
        previous,
        known_at=datetime.fromisoformat(f"2026-01-0{number}T06:00:00"),
        snapshot_sequence=number,
        snapshot_id=f"s{number}",
    )


def test_tables_survive_the_engine_and_nothing_new_changes_nothing():
    connection = duckdb.connect()
    source = """
        select * from (values
            ('crm:1', 'crm', 'person', 'anna@web.de', null, timestamp '2025-01-01 08:00:00'),
            ('crm:2', 'crm', 'person', 'anna@web.de', '030 901820', null),
            ('shop:1', 'shop', 'person', null, '+49 30 901820', timestamp '2025-03-01 08:00:00')
        ) as t (record_id, source_system, customer_type, email, phone, created_at)
    """
    records = connection.execute(source).df()
    empty = through(RECORD_CUSTOMER.typed(pd.DataFrame()), RECORD_CUSTOMER.types)
    first = run(records, empty, 1)
    assert first.record_customer["customer_id"].nunique() == 1
    second = run(records.head(2), through(first.record_customer, RECORD_CUSTOMER.types), 2)
    for result in (first, second):
        for name, table in [
            ("record_customer", RECORD_CUSTOMER),
            ("ledger", LEDGER),
            ("customer_redirect", CUSTOMER_REDIRECT),
        ]:
            frame = getattr(result, name)
            assert_frame_equal(table.typed(through(frame, table.types)), frame)
    third = run(records.head(2), through(second.record_customer, RECORD_CUSTOMER.types), 3)
    assert_frame_equal(third.record_customer, second.record_customer)
    assert third.ledger.empty
