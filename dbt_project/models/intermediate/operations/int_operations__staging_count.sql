-- Landed rows of the tables whose staging SQL may leave some out, and how many of them a staging row stands for. What
-- can leave none out is not read. The models come from orchestration, which read the company's SQL.
{% set reducing = fromjson(env_var('CX_DBT_REDUCING_STAGING', '[]')) -%}
{% for staging in reducing -%}
select
    '{{ staging["model"] }}' as staging_model,
    '{{ staging["source"] }}' as source_name,
    count(*) as landed_row_count,
    count(*) filter (where not landed.is_kept) as filtered_row_count,
    (
        select count(*)
        from (
            select distinct _load_id, _source_file, _source_row from {{ ref(staging['model']) }}
        ) as staged
    ) as staged_row_count
from (
    select
        exists (
            select 1 from {{ ref(staging['model']) }} as kept
            where
                kept._load_id = landing._load_id
                and kept._source_file = landing._source_file
                and kept._source_row = landing._source_row
        ) as is_kept
    from {{ source('landing', staging['landing']) }} as landing
) as landed
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as string) as staging_model,
    cast(null as string) as source_name,
    cast(null as bigint) as landed_row_count,
    cast(null as bigint) as filtered_row_count,
    cast(null as bigint) as staged_row_count
where 1 = 0
{% endfor %}
