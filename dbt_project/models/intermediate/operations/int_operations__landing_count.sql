-- Rows of every landing table as dbt reads them. The tables come from orchestration, which wrote their sources.
{% set landing_tables = fromjson(env_var('CX_DBT_LANDING_TABLES', '[]')) -%}
{% for landing_table in landing_tables -%}
select
    '{{ landing_table }}' as landing_table,
    _load_id as load_id,
    count(*) as read_row_count
from {{ source('landing', landing_table) }}
group by _load_id
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as string) as landing_table,
    cast(null as string) as load_id,
    cast(null as bigint) as read_row_count
where 1 = 0
{% endfor %}
