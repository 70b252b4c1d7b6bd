-- What happened between customer and company besides buying, campaigns and surveys, as events with the day they became
-- known.
with event as (
    select
        record_id,
        occurred_date as event_date,
        'interaction' as event_type,
        channel,
        cast(null as date) as closed_date,
        false as is_bad
    from {{ ref('fct_interaction') }}
    union all
    select
        record_id,
        opened_date as event_date,
        'ticket' as event_type,
        channel,
        resolved_date as closed_date,
        is_complaint as is_bad
    from {{ ref('fct_ticket') }}
),

aged_event as (
    select
        observed.customer_id,
        observed.observation_date,
        event.event_type,
        event.channel,
        event.is_bad,
        event.closed_date is not null and event.closed_date <= observed.observation_date as is_closed,
        {{ days_between('event.event_date', 'observed.observation_date') }} as age_days
    from event
    inner join {{ ref('int_feature__observed_record') }} as observed
        on event.record_id = observed.record_id and event.event_date <= observed.observation_date
    where event.event_type = 'ticket' or event.event_date > {{ days_after(-90, 'observed.observation_date') }}
)

select
    customer_id,
    observation_date,
    count(*) filter (where event_type = 'ticket' and age_days < 90) as ticket_count_90_days,
    count(*) filter (where event_type = 'ticket' and is_bad and age_days < 90) as complaint_count_90_days,
    count(*) filter (where event_type = 'ticket' and not is_closed) as open_ticket_count,
    {% for channel in ['web', 'app', 'store', 'phone', 'email'] -%}
    count(*) filter (where event_type = 'interaction' and channel = '{{ channel }}') as {{ channel }}_count_90_days,
    {% endfor -%}
    count(*) filter (where event_type = 'interaction' and age_days < 30) as interaction_count_30_days
from aged_event
group by customer_id, observation_date
