{{ config(materialized='view') }}

-- A view: every column is a fact's own, and a copy of them all would be the largest table of the warehouse.
-- A text that the catalogue does not know stays as the source says it; neither the kind of the event nor its channel
-- is asked instead: it names another touchpoint, and the catalogue is what lacks.
with happened as (
    {{ customer_events() }}
)

select
    happened.event_type || ':' || happened.source_key as event_id,
    happened.record_id,
    happened.occurred_at,
    happened.occurred_date,
    happened.event_type,
    happened.channel,
    coalesce(of_text.touchpoint, happened.touchpoint, of_event.touchpoint, of_channel.touchpoint) as touchpoint,
    coalesce(of_text.stage, of_event.stage, of_channel.stage, 'unmapped') as stage,
    happened.outcome,
    happened.amount,
    happened.currency_code,
    happened.order_id,
    happened.entity,
    happened.source_key,
    happened.load_id,
    happened.load_sequence,
    happened.snapshot_sequence
from happened
left join {{ ref('int_event__touchpoint_key') }} as of_text
    on of_text.key_kind = 'touchpoint' and happened.touchpoint = of_text.key_text
left join {{ ref('int_event__touchpoint_key') }} as of_event
    on of_event.key_kind = 'event_type' and happened.touchpoint is null and happened.event_type = of_event.key_text
left join {{ ref('int_event__touchpoint_key') }} as of_channel
    on of_channel.key_kind = 'channel' and happened.touchpoint is null and happened.channel = of_channel.key_text
