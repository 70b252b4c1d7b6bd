{#- Kind, instant and day of what a referral's own columns date; of the customer who recommends. -#}
{% set dated = [
    ('referral_made', 'referred_at', 'referred_date'),
    ('referral_converted', 'converted_at', 'converted_date'),
] -%}

{% for event_type, occurred_at, occurred_date in dated -%}
select
    'referral' as entity,
    {{ row_key('referral') }} as source_key,
    '{{ event_type }}' as event_type,
    record_id,
    cast(null as string) as order_id,
    {{ occurred_at }} as occurred_at,
    {{ occurred_date }} as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    cast(null as string) as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_referral') }}
where {{ occurred_at }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
