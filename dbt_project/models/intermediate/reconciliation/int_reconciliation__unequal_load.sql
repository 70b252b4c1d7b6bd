-- Loads of which the core does not hold what the contracts accepted, key for key and amount for amount; keys that were
-- singled out are left aside on both sides.
with unequal as (
    {% for entity, amount in reconciled_entities() -%}
    {{ reconciled_unequal_loads(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as string) as fate_name,
        cast(null as string) as load_id
    where 1 = 0
    {% endfor %}
)

select
    unequal.fate_name,
    unequal.load_id
from unequal
inner join {{ source('run', 'load') }} as load on unequal.load_id = load.load_id
inner join {{ ref('int_reconciliation__table') }} as reconciled_table
    on
        load.source_name = reconciled_table.source_name
        and load.table_name = reconciled_table.table_name
        and unequal.fate_name = reconciled_table.fate_name
