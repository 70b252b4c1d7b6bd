{#- Kind, instant and day of what a lead's own columns date. -#}
{% set dated = [
    ('lead_created', 'created_at', 'created_date'),
    ('lead_qualified', 'qualified_at', local_date('qualified_at')),
    ('lead_won', 'won_at', local_date('won_at')),
    ('lead_lost', 'lost_at', local_date('lost_at')),
] -%}

{% for event_type, occurred_at, occurred_date in dated -%}
select
    'lead' as entity,
    {{ row_key('lead') }} as source_key,
    '{{ event_type }}' as event_type,
    record_id,
    cast(null as string) as order_id,
    {{ occurred_at }} as occurred_at,
    {{ occurred_date }} as occurred_date,
    origin as channel,
    cast(null as string) as touchpoint,
    cast(null as string) as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_lead') }}
where {{ occurred_at }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
