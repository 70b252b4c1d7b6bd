with contact as (
    select
        bridge.customer_id,
        event.event_type,
        event.outcome
    from {{ ref('fct_customer_event') }} as event
    inner join {{ ref('bridge_record_customer') }} as bridge
        on event.record_id = bridge.record_id and bridge.is_current
    cross join {{ ref('dim_observation') }} as observation
    where
        event.event_type in (
            'ticket_opened', 'ticket_solved', 'interaction', 'campaign_contacted', 'campaign_responded'
        )
        and event.occurred_date <= observation.as_of_date
)

select
    customer_id,
    count(*) filter (where event_type = 'ticket_opened') as ticket_count,
    count(*) filter (where event_type = 'ticket_opened' and outcome = 'complaint') as complaint_count,
    -- A ticket is solved once, and never before it was opened.
    count(*) filter (where event_type = 'ticket_opened')
    - count(*) filter (where event_type = 'ticket_solved') as open_ticket_count,
    count(*) filter (where event_type = 'interaction') as interaction_count,
    count(*) filter (where event_type = 'campaign_contacted') as campaign_contact_count,
    count(*) filter (where event_type = 'campaign_responded') as campaign_response_count
from contact
group by customer_id
