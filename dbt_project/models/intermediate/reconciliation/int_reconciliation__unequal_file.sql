-- Files whose landed rows are not what the staging SQL made of them, row for row and amount for amount; rows that were
-- singled out are left aside on both sides.
with versions as (
    {% for entity, amount in reconciled_entities() -%}
    {{ reconciled_version_files(entity, amount) }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as string) as fate_name,
        cast(null as string) as load_id,
        cast(null as string) as source_file,
        cast(null as bigint) as version_count,
        cast(null as string) as version_checksum
    where 1 = 0
    {% endfor %}
),

landed as (
    select
        landed_row.fate_name,
        landed_row.load_id,
        landed_row.source_file,
        {{ checksum(['landed_row.source_row', followed_amount('landed_row')]) }} as landed_checksum
    from {{ ref('int_reconciliation__landed_row') }} as landed_row
    where
        landed_row.has_entity
        and not {{ has_story('landed_row') }}
    group by landed_row.fate_name, landed_row.load_id, landed_row.source_file
)

select
    landed.fate_name,
    landed.load_id,
    landed.source_file
from landed
left join versions
    on
        landed.fate_name = versions.fate_name
        and landed.load_id = versions.load_id
        and landed.source_file = versions.source_file
where landed.landed_checksum is distinct from versions.version_checksum
union
select
    versions.fate_name,
    versions.load_id,
    versions.source_file
from versions
inner join {{ source('run', 'load') }} as load on versions.load_id = load.load_id
inner join {{ ref('int_reconciliation__table') }} as reconciled_table
    on
        load.source_name = reconciled_table.source_name
        and load.table_name = reconciled_table.table_name
        and versions.fate_name = reconciled_table.fate_name
left join landed
    on
        versions.fate_name = landed.fate_name
        and versions.load_id = landed.load_id
        and versions.source_file = landed.source_file
where landed.load_id is null
