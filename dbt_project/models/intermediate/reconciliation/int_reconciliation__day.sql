-- What the source says of a day of a table, and how much of it stands in each stage.
with measured as (
    select
        source_name,
        table_name,
        day as local_day,
        row_count as source_count,
        amount as source_amount,
        0 as landing_count,
        null as landing_amount,
        0 as staging_count,
        null as staging_amount,
        0 as mart_count,
        null as mart_amount,
        false as has_entity
    from {{ source('run', 'source_statement') }}
    where kind = 'total'
    union all
    select
        source_name,
        table_name,
        local_day,
        null as source_count,
        null as source_amount,
        sum(landed_count) as landing_count,
        sum(landed_amount) as landing_amount,
        sum(version_count) as staging_count,
        sum(version_amount) as staging_amount,
        sum(core_count) as mart_count,
        sum(core_amount) as mart_amount,
        bool_or(has_entity) as has_entity
    from {{ ref('int_reconciliation__row') }}
    group by source_name, table_name, local_day
    union all
    select
        source_name,
        table_name,
        local_day,
        null as source_count,
        null as source_amount,
        row_count as landing_count,
        amount as landing_amount,
        case when has_entity then row_count else 0 end as staging_count,
        case when has_entity and is_amount_followed then amount end as staging_amount,
        case when has_entity then row_count else 0 end as mart_count,
        case when has_entity and is_amount_followed then amount end as mart_amount,
        has_entity
    from {{ ref('int_reconciliation__plain_day') }}
    union all
    select distinct
        source_name,
        table_name,
        local_day,
        null as source_count,
        null as source_amount,
        0 as landing_count,
        null as landing_amount,
        0 as staging_count,
        null as staging_amount,
        0 as mart_count,
        null as mart_amount,
        false as has_entity
    from {{ ref('int_reconciliation__difference') }}
),

by_day as (
    select
        source_name,
        table_name,
        local_day,
        sum(source_count) as source_count,
        sum(source_amount) as source_amount,
        sum(landing_count) as landing_count,
        sum(landing_amount) as landing_amount,
        sum(staging_count) as staging_count,
        sum(staging_amount) as staging_amount,
        sum(mart_count) as mart_count,
        sum(mart_amount) as mart_amount
    from measured
    group by source_name, table_name, local_day
),

reconciled_table as (
    select
        source_name,
        table_name,
        bool_or(has_entity) as has_entity,
        -- Whether the amount is followed beyond the landing.
        sum(staging_amount) is not null and bool_or(has_entity) as has_staged_amount
    from measured
    group by source_name, table_name
)

select
    by_day.source_name,
    by_day.table_name,
    by_day.local_day,
    by_day.source_count,
    by_day.source_amount,
    by_day.landing_count,
    by_day.landing_amount,
    by_day.staging_count,
    by_day.staging_amount,
    by_day.mart_count,
    by_day.mart_amount,
    reconciled_table.has_entity,
    reconciled_table.has_staged_amount
from by_day
inner join reconciled_table
    on by_day.source_name = reconciled_table.source_name and by_day.table_name = reconciled_table.table_name
