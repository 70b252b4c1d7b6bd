{{ config(materialized='view') }}

-- A record stands for its customer, whatever brought it: strays are looked for among the facts.
with stray as (
    {% for entity, amount in reconciled_entities() if entity != 'customer_record' -%}
    {{ reconciled_strays(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as string) as fate_name,
        cast(null as string) as load_id,
        cast(null as string) as row_key,
        cast(null as decimal(38, 6)) as core_amount
    where 1 = 0
    {% endfor %}
)

select
    reconciled_table.source_name,
    reconciled_table.table_name,
    stray.load_id,
    stray.row_key,
    stray.core_amount
from stray
inner join {{ source('run', 'load') }} as load on stray.load_id = load.load_id
inner join {{ ref('int_reconciliation__table') }} as reconciled_table
    on
        load.source_name = reconciled_table.source_name
        and load.table_name = reconciled_table.table_name
        and stray.fate_name = reconciled_table.fate_name
