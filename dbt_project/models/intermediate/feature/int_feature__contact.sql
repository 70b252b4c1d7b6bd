-- What happened between customer and company besides buying, campaigns and surveys. Interactions are looked at for 90
-- days, tickets for ever: an old one may still be open.
with aged_event as (
    select
        observed.customer_id,
        observed.observation_date,
        event.event_type,
        event.channel,
        event.outcome,
        {{ days_between('event.occurred_date', 'observed.observation_date') }} as age_days
    from {{ ref('fct_customer_event') }} as event
    inner join {{ ref('int_feature__observed_record') }} as observed
        on event.record_id = observed.record_id and event.occurred_date <= observed.observation_date
    where
        event.event_type in ('ticket_opened', 'ticket_solved')
        or (
            event.event_type = 'interaction'
            and event.occurred_date > {{ days_after(-90, 'observed.observation_date') }}
        )
)

select
    customer_id,
    observation_date,
    count(*) filter (where event_type = 'ticket_opened' and age_days < 90) as ticket_count_90_days,
    count(*) filter (where event_type = 'ticket_opened' and outcome = 'complaint' and age_days < 90)
        as complaint_count_90_days,
    -- A ticket is solved once, and never before it was opened.
    count(*) filter (where event_type = 'ticket_opened')
    - count(*) filter (where event_type = 'ticket_solved') as open_ticket_count,
    {% for channel in ['web', 'app', 'store', 'phone', 'email'] -%}
    count(*) filter (where event_type = 'interaction' and channel = '{{ channel }}') as {{ channel }}_count_90_days,
    {% endfor -%}
    count(*) filter (where event_type = 'interaction' and age_days < 30) as interaction_count_30_days
from aged_event
group by customer_id, observation_date
