"""Cohorts of generated companies for the case `money` of the benchmark of scores: what the money models make of them.

The models of experience_value and the order they read are run as dbt compiled them, on core rows written from the
company's files. Faults of the files and errors of identity are left out: rows that are broken are dropped, and who is
who is taken from the truth. Both are judged elsewhere; here the question is the comparisons' own error.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from cx_assets.experience_value.settings import ExperienceValueSettings
from cx_assets.sample_company import generate
from cx_assets.sample_company.timeline import END_DATE
from orchestration.ground.zones import local_date_macro
from tests.dbt.company import Company
from tests.dbt.small_company import complete_company

READ = (
    *("core.dim_observation", "core.bridge_record_customer", "core.dim_customer", "core.fct_answer", "core.fct_ticket"),
    *("core.fct_sales_order", "core.fct_transaction_line", "core.fct_referral", "core.fct_subscription"),
)
BUILT = (
    *("int_sales__order", "int_experience_value__answer", "int_experience_value__customer_day"),
    *("int_experience_value__happening", "int_experience_value__moment", "int_experience_value__kept_moment"),
    *("int_experience_value__known_before", "int_experience_value__cohort"),
)
_LOCAL = "timezone('Europe/Berlin', timezone('UTC', {0}))::date"
_RECORD = "customer_system || ':' || customer_no as record_id"
_GERMAN = "%d.%m.%Y %H:%M:%S"
_CSV = "read_csv('{0}', delim = ';', header = true, all_varchar = true, ignore_errors = true)"
_JSON = "read_json('{0}', format = 'newline_delimited', ignore_errors = true, columns = {{{1}}})"


def compiled_company(folder: Path) -> Company:
    """The small company with the default settings of the money models, built, so that their SQL is compiled."""
    company = complete_company(folder / "company")
    defaults = ExperienceValueSettings().model_dump(mode="json")
    company.parameters |= {f"experience_value_{name}": value for name, value in defaults.items()}
    company.dbt("run", "--select", "+int_experience_value__cohort")
    return company


def cohort_of(company: Company, seed: int, scale: float, *, is_null: bool = False) -> pd.DataFrame:
    """The cohort of one generated company, with what is true of each moment.

    Args:
        company: Built by `compiled_company`.
        seed: Of the generator.
        scale: Of the generator; 0.02 is 20,000 customers.
        is_null: The company without any planted effect.

    Returns:
        Rows of int_experience_value__cohort and: has_departed (left the company, as planted, after the moment and
        within the customer's silence), order_count of the moment's day, and moment_month.
    """
    with tempfile.TemporaryDirectory() as name:
        files, truth = Path(name) / "files", Path(name) / "truth"
        generate(files, scale=scale, seed=seed, truth=truth, is_null=is_null)
        with empty_models(company, Path(name) / "cx.duckdb") as connection:
            fill(connection, files, truth)
            for model in BUILT:
                [path] = (company.folder / "target" / "compiled").rglob(f"{model}.sql")
                connection.execute(
                    f"create or replace table intermediate.{model} as {path.read_text(encoding='utf-8')}"
                )
            connection.execute(f"create table departure as from '{truth}/departure.parquet'")
            return connection.execute(_WITH_TRUTH).df()


@contextmanager
def empty_models(company: Company, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the empty tables that the models read."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set memory_limit = '3GB'")
        connection.execute(f"attach '{company.warehouse}' as built (read_only); attach '{path}' as cx; use cx")
        connection.execute("create schema core; create schema intermediate")
        connection.execute(local_date_macro("Europe/Berlin"))
        for table in READ:
            connection.execute(f"create table {table} as from built.{table} limit 0")
        yield connection


def fill(connection: duckdb.DuckDBPyConnection, files: Path, truth: Path) -> None:
    """Core rows from the company's files; broken ones fail to be read and are left out."""
    tickets = _JSON.format(
        files / "desk" / "tickets.jsonl",
        "ticket_no: 'varchar', customer_system: 'varchar', customer_no: 'varchar', order_no: 'varchar', "
        "opened: 'timestamp', complaint: 'boolean'",
    )
    passes = _JSON.format(
        files / "shop" / "subscriptions.jsonl",
        "pass_no: 'varchar', customer_system: 'varchar', customer_no: 'varchar', started: 'timestamp', "
        "ended: 'timestamp'",
    )
    referrals = _CSV.format(files / "crm" / "referrals.csv")
    columns = "line_no, order_no, customer_system, customer_no, line_type"
    lines = f"""
        select {columns}, net_amount, booked_at, updated_at from '{files}/shop/lines/*.parquet'
        union all
        select {columns}, try_cast(replace(net_amount, ',', '.') as decimal(18, 2)),
            try_strptime(booked_at, '{_GERMAN}'), try_strptime(updated_at, '{_GERMAN}')
        from {_CSV.format(files / "shop" / "late_lines" / "*.csv")}"""
    filled = {
        "core.dim_observation": f"select date '{END_DATE}' as as_of_date, 1 as snapshot_sequence",
        "core.bridge_record_customer": f"""
            select record_id, true_customer_id as customer_id, true as is_current
            from '{truth}/record_customer.parquet'""",
        "core.dim_customer": f"""
            select true_customer_id as customer_id, customer_type from '{truth}/customer.parquet'""",
        "core.fct_answer": f"""
            select response_no as response_id, question as question_id, {_RECORD}, touchpoint, channel, metric, score,
                case metric when 'nps' then 0 else 1 end as scale_min, 'counted' as answer_fate,
                case metric when 'nps' then 10 when 'ces' then 7 else 5 end as scale_max,
                responded_at, {_LOCAL.format("responded_at")} as responded_date
            from '{files}/survey/responses/*.parquet'
            where responded_at is not null and score between 0 and 10
            qualify row_number() over (partition by invitation_no, question order by responded_at, response_no) = 1""",
        "core.fct_ticket": f"""
            select ticket_no as ticket_id, {_RECORD}, 'shop:' || order_no as order_id, complaint as is_complaint,
                {_LOCAL.format("opened")} as opened_date
            from {tickets} where ticket_no is not null and opened is not null
            qualify row_number() over (partition by ticket_no order by opened) = 1""",
        "core.fct_sales_order": f"""
            select 'shop:' || order_no as order_id, {_RECORD}, status as order_status, updated_at,
                {_LOCAL.format("ordered_at")} as ordered_date, promised_at, delivered_at,
                {_LOCAL.format("promised_at")} as promised_date, {_LOCAL.format("delivered_at")} as delivered_date
            from '{files}/shop/orders/*.parquet' where ordered_at is not null
            qualify row_number() over (partition by order_no order by updated_at desc) = 1""",
        "core.fct_transaction_line": f"""
            select 'shop:' || line_no as line_id, 'shop:' || order_no as order_id, {_RECORD}, line_type, net_amount,
                'EUR' as currency_code, {_LOCAL.format("booked_at")} as occurred_date
            from ({lines}) where booked_at is not null and net_amount is not null
            qualify row_number() over (partition by line_no order by updated_at desc) = 1""",
        "core.fct_referral": f"""
            select empfehlung_nr as referral_id, kunden_system || ':' || kunden_nr as record_id,
                {_LOCAL.format(f"try_strptime(empfohlen_am, '{_GERMAN}')")} as referred_date
            from {referrals} where try_strptime(empfohlen_am, '{_GERMAN}') is not null""",
        "core.fct_subscription": f"""
            select pass_no as subscription_id, {_RECORD}, {_LOCAL.format("started")} as started_date,
                {_LOCAL.format("ended")} as ended_date
            from {passes} where started is not null""",
    }
    for table, rows in filled.items():
        connection.execute(f"insert into {table} by name {rows}")


_WITH_TRUTH = """
with ordered as (
    select bridge.customer_id, orders.promised_date as moment_date, 'late_delivery' as moment_kind,
        count(*) as order_count
    from intermediate.int_sales__order as orders
    inner join core.bridge_record_customer as bridge on orders.record_id = bridge.record_id
    where orders.is_purchase and orders.has_promise and orders.delivered_date is not null
    group by all
    union all
    select bridge.customer_id, orders.purchase_date + 30, 'complaint', count(*)
    from intermediate.int_sales__order as orders
    inner join core.bridge_record_customer as bridge on orders.record_id = bridge.record_id
    where orders.is_purchase
    group by all
)
select
    cohort.*,
    coalesce(ordered.order_count, 0) as order_count,
    strftime(cohort.moment_date, '%Y-%m') as moment_month,
    exists (
        from departure
        where departure.true_customer_id = cohort.customer_id and departure.left_on > cohort.moment_date
            and departure.left_on <= cohort.moment_date + coalesce(known.rhythm_days, 90)::integer
    ) as has_departed
from intermediate.int_experience_value__cohort as cohort
inner join intermediate.int_experience_value__known_before as known
    using (customer_id, moment_kind, moment_date)
left join ordered using (customer_id, moment_kind, moment_date)
order by cohort.customer_id, cohort.moment_kind, cohort.moment_date
"""
