with contact as (
    select
        ticket.record_id,
        1 as ticket_count,
        case when ticket.is_complaint then 1 else 0 end as complaint_count,
        case
            when ticket.resolved_date is null or ticket.resolved_date > observation.as_of_date then 1 else 0
        end as open_ticket_count,
        0 as interaction_count,
        0 as campaign_contact_count,
        0 as campaign_response_count
    from {{ ref('fct_ticket') }} as ticket
    cross join {{ ref('dim_observation') }} as observation
    where ticket.opened_date <= observation.as_of_date
    union all
    select
        interaction.record_id,
        0 as ticket_count,
        0 as complaint_count,
        0 as open_ticket_count,
        1 as interaction_count,
        0 as campaign_contact_count,
        0 as campaign_response_count
    from {{ ref('fct_interaction') }} as interaction
    cross join {{ ref('dim_observation') }} as observation
    where interaction.occurred_date <= observation.as_of_date
    union all
    select
        campaign.record_id,
        0 as ticket_count,
        0 as complaint_count,
        0 as open_ticket_count,
        0 as interaction_count,
        1 as campaign_contact_count,
        case when campaign.responded_date <= observation.as_of_date then 1 else 0 end as campaign_response_count
    from {{ ref('fct_campaign_contact') }} as campaign
    cross join {{ ref('dim_observation') }} as observation
    -- A held-out customer was never contacted.
    where campaign.contacted_date <= observation.as_of_date and campaign.arm = 'treatment'
)

select
    {% for measure in ['ticket', 'complaint', 'open_ticket', 'interaction', 'campaign_contact', 'campaign_response'] -%}
    cast(sum(contact.{{ measure }}_count) as bigint) as {{ measure }}_count,
    {% endfor -%}
    bridge.customer_id
from contact
inner join {{ ref('bridge_record_customer') }} as bridge
    on contact.record_id = bridge.record_id and bridge.is_current
group by bridge.customer_id
