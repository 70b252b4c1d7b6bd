select
    contact.contact_id,
    bridge.customer_id,
    contact.contacted_date,
    contact.campaign_id,
    contact.campaign_name,
    contact.channel,
    contact.offer,
    coalesce(contact.responded_date <= observation.as_of_date, false) as is_responded,
    contact.cost_amount,
    contact.currency_code
from {{ ref('fct_campaign_contact') }} as contact
left join {{ ref('bridge_record_customer') }} as bridge
    on contact.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where contact.contacted_date <= observation.as_of_date and contact.arm = 'treatment'
