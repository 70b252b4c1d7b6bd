{{ config(materialized='view') }}

-- Landed rows of the reconciled tables. Of a table that is asked for, what the last load brought of a key stands in the
-- source; of files, what the newest version of each file holds, which is what statements are kept of. What came
-- earlier, and the marks of rows that vanished there, are history.
with landed as (
    {% for table in reconciled_tables() -%}
    {{ reconciled_landed_rows(table) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as load_id,
        cast(null as string) as source_file,
        cast(null as bigint) as source_row,
        cast(null as date) as local_day,
        cast(null as decimal(38, 6)) as landed_amount,
        cast(null as string) as row_key,
        cast(null as boolean) as is_deleted,
        cast(null as boolean) as is_replaced
    where 1 = 0
    {% endfor %}
),

stated_file as (
    select distinct
        source_name,
        table_name,
        load_id,
        source_file
    from {{ source('run', 'source_statement') }}
)

select
    landed.source_name,
    landed.table_name,
    reconciled_table.fate_name is not null as has_entity,
    reconciled_table.fate_name,
    coalesce(reconciled_table.is_amount_followed, false) as is_amount_followed,
    reconciled_table.filter_reason,
    landed.load_id,
    landed.source_file,
    landed.source_row,
    landed.local_day,
    landed.landed_amount,
    landed.row_key,
    landed.is_deleted,
    case
        when reconciled_table.is_pulled
            then landed.is_replaced or (landed.is_deleted and not reconciled_table.is_flagged)
        else stated_file.load_id is null
    end as is_history
from landed
inner join {{ ref('int_reconciliation__table') }} as reconciled_table
    on landed.source_name = reconciled_table.source_name and landed.table_name = reconciled_table.table_name
left join stated_file
    on
        landed.source_name = stated_file.source_name
        and landed.table_name = stated_file.table_name
        and landed.load_id = stated_file.load_id
        and landed.source_file = stated_file.source_file
