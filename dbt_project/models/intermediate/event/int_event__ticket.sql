{#- Kind, instant, day and outcome of what a ticket's own columns date. -#}
{% set dated = [
    ('ticket_opened', 'opened_at', 'opened_date', "case when is_complaint then 'complaint' else 'request' end"),
    ('ticket_answered', 'first_response_at', local_date('first_response_at'), 'cast(null as string)'),
    ('ticket_solved', 'resolved_at', 'resolved_date', 'cast(null as string)'),
] -%}

{% for event_type, occurred_at, occurred_date, outcome in dated -%}
select
    'ticket' as entity,
    {{ row_key('ticket') }} as source_key,
    '{{ event_type }}' as event_type,
    record_id,
    order_id,
    {{ occurred_at }} as occurred_at,
    {{ occurred_date }} as occurred_date,
    channel,
    cast(null as string) as touchpoint,
    {{ outcome }} as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_ticket') }}
where {{ occurred_at }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
