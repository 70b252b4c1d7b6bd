-- Versions that are looked at one by one of the entities that reconciled tables become, beside what the core holds of
-- their key.
{% for entity, amount in reconciled_entities() -%}
{{ reconciled_versions(entity, amount) }}
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as string) as fate_name,
    cast(null as string) as record_id,
    cast(null as string) as version_key,
    cast(null as string) as load_id,
    cast(null as string) as source_file,
    cast(null as bigint) as source_row,
    cast(null as boolean) as is_gone,
    cast(null as string) as violated_rules,
    cast(null as bigint) as version_rank,
    cast(null as decimal(38, 6)) as version_amount,
    cast(null as string) as core_load_id,
    cast(null as decimal(38, 6)) as core_amount
where 1 = 0
{% endfor %}
