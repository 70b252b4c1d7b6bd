-- The channel of an event is where it happened; the one that a consent is for is another thing.
select
    'consent_event' as entity,
    {{ row_key('consent_event') }} as source_key,
    case when action = 'given' then 'consent_given' else 'consent_withdrawn' end as event_type,
    record_id,
    cast(null as string) as order_id,
    occurred_at,
    occurred_date,
    evidence as channel,
    cast(null as string) as touchpoint,
    purpose as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_consent_event') }}
