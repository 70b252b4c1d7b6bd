select
    ticket.ticket_id,
    bridge.customer_id,
    ticket.opened_date,
    ticket.channel,
    ticket.category_name,
    ticket.priority,
    ticket.is_complaint,
    -- Solved after the observation date is open as of it.
    coalesce(ticket.resolved_date <= observation.as_of_date, false) as is_resolved,
    case
        when ticket.resolved_date <= observation.as_of_date
            then {{ seconds_between('ticket.opened_at', 'ticket.resolved_at') }} / 3600
    end as resolution_hours,
    case
        when ticket.first_response_at <= observation.as_of_at
            then {{ seconds_between('ticket.opened_at', 'ticket.first_response_at') }} / 3600
    end as first_response_hours
from {{ ref('fct_ticket') }} as ticket
left join {{ ref('bridge_record_customer') }} as bridge
    on ticket.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where ticket.opened_date <= observation.as_of_date
