{{ config(materialized='view') }}

-- The tables that company.yml reconciles. They come from orchestration.
{% for table in reconciled_tables() -%}
select
    '{{ table["source"] }}' as source_name,
    '{{ table["table"] }}' as table_name,
    nullif('{{ table["entity"] or "" }}.{{ table["entity_amount"] or "" }}', '.') as fate_name,
    {{ 'true' if table['entity_amount'] else 'false' }} as is_amount_followed,
    nullif('{{ table["filtered"] or "" }}', '') as filter_reason,
    {{ 'true' if table['is_pulled'] else 'false' }} as is_pulled,
    {{ 'true' if table['is_flagged'] else 'false' }} as is_flagged
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as string) as source_name,
    cast(null as string) as table_name,
    cast(null as string) as fate_name,
    cast(null as boolean) as is_amount_followed,
    cast(null as string) as filter_reason,
    cast(null as boolean) as is_pulled,
    cast(null as boolean) as is_flagged
where 1 = 0
{% endfor %}
