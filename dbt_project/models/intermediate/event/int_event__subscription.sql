{#- Kind, instant, day and outcome of what a subscription's own columns date; an end to come has not happened. -#}
{% set dated = [
    ('subscription_started', 'started_at', 'started_date', 'plan_name'),
    ('subscription_cancel_requested', 'cancel_requested_at', 'cancel_requested_date', 'cancel_reason'),
    ('subscription_ended', 'ended_at', 'ended_date', 'subscription_status'),
] -%}

{% for event_type, occurred_at, occurred_date, outcome in dated -%}
select
    'subscription' as entity,
    {{ row_key('subscription') }} as source_key,
    '{{ event_type }}' as event_type,
    record_id,
    cast(null as string) as order_id,
    {{ occurred_at }} as occurred_at,
    {{ occurred_date }} as occurred_date,
    cast(null as string) as channel,
    cast(null as string) as touchpoint,
    {{ outcome }} as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    subscription.snapshot_sequence
from {{ ref('fct_subscription') }} as subscription
cross join {{ ref('dim_observation') }} as observation
where {{ occurred_date }} <= observation.as_of_date
{{ 'union all' if not loop.last }}
{% endfor %}
