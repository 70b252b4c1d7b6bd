"""Macros that a company's staging SQL calls, on rows of several loads."""

from decimal import Decimal
from pathlib import Path

from tests.dbt.company import Company
from tests.dbt.small_company import line, order

LINES = """
with orders as (
    {{ latest_landed('crm__sales_order', key=['order_id']) }}
),

mapped as (
    select
        {{ contract_columns('transaction_line', relation='lines', omit=['record_id', 'channel']) }},
        orders.record_id,
        orders.channel,
        {{ landing_columns('lines', 'orders') }}
    from {{ source('landing', 'crm__transaction_line') }} as lines
    left join orders on lines.order_id = orders.order_id
)

{{ conform('transaction_line') }}
"""

TEXT_LINES = """
with mapped as (
    select
        {{ contract_columns('transaction_line', omit=['occurred_at', 'quantity']) }},
        case line_id when 'l1' then '2026-13-45' else '2026-03-05' end as occurred_at,
        case line_id when 'l1' then 'abc' else '1e3' end as quantity,
        {{ landing_columns() }}
    from {{ source('landing', 'crm__transaction_line') }}
)

{{ conform('transaction_line') }}
"""


def test_rows_that_staging_leaves_out_are_counted(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["sales_order"])
    company.reducing = [{"model": "stg_crm__sales_order", "source": "crm", "landing": "crm__sales_order"}]
    at = "2026-03-05 12:00"
    company.land(1, sales_order=[order("o1", "a", at, channel="web"), order("o2", "b", at, channel="test")])
    company.land(2, sales_order=[order("o3", "c", at, channel="test"), order("o1", "a", at, channel="app")])
    staging = company.project / "staging" / "stg_crm__sales_order.sql"
    source = "from {{ source('landing', 'crm__sales_order') }}"
    staging.write_text(staging.read_text().replace(source, f"{source} where channel <> 'test'"))
    company.dbt("run", "--select", "+int_operations__staging_count")
    assert company.rows("select * from intermediate.int_operations__staging_count") == [
        ("stg_crm__sales_order", "crm", 4, 2, 2)
    ]


def test_only_the_latest_version_of_the_joined_side_is_joined(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["sales_order", "transaction_line"])
    at = "2026-03-05 12:00"
    company.land(
        1,
        sales_order=[order("o1", "a", at, channel="web"), order("o2", "b", at, channel="web")],
        transaction_line=[line("l1", "o1", None, at, 10), line("l2", "o2", None, at, 5), line("l3", "o9", None, at, 7)],
    )
    # o1 comes twice more: in one file, the later row counts.
    company.land(2, sales_order=[order("o1", "a", at, channel="app"), order("o1", "c", at, channel="store")])
    (company.project / "staging" / "stg_crm__transaction_line.sql").write_text(LINES)
    company.dbt("run", "--select", "stg_crm__transaction_line")
    assert company.rows(
        "select line_id, record_id, channel, net_amount, _load_sequence, _mistyped_columns"
        " from staging.stg_crm__transaction_line order by 1"
    ) == [
        ("l1", "crm:c", "store", Decimal("10.00"), 2, None),
        ("l2", "crm:b", "web", Decimal("5.00"), 1, None),
        ("l3", None, None, Decimal("7.00"), 1, None),
    ]


def test_columns_of_another_type_are_named_in_the_order_of_the_contract(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", ["transaction_line"])
    company.land(
        1,
        transaction_line=[
            line("l1", "o1", None, "2026-03-05 12:00", 10),
            line("l2", "o1", None, "2026-03-05 12:00", 10),
        ],
    )
    (company.project / "staging" / "stg_crm__transaction_line.sql").write_text(TEXT_LINES)
    company.dbt("run", "--select", "+int_contract__transaction_line")
    assert company.rows(
        "select line_id, occurred_at is null, quantity, _mistyped_columns, violated_rules"
        " from intermediate.int_contract__transaction_line order by 1"
    ) == [
        ("l1", True, None, "occurred_at,quantity", "occurred_at_type,quantity_type"),
        ("l2", False, 1000.0, None, None),
    ]
