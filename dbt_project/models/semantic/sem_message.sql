select
    message.message_id,
    bridge.customer_id,
    message.sent_date,
    message.channel,
    message.message_type,
    coalesce(message.touchpoint, 'unmapped') as touchpoint,
    coalesce(message.opened_at <= observation.as_of_at, false) as is_opened,
    coalesce(message.clicked_at <= observation.as_of_at, false) as is_clicked,
    coalesce(message.is_bounced, false) as is_bounced
from {{ ref('fct_message_sent') }} as message
left join {{ ref('bridge_record_customer') }} as bridge
    on message.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where message.sent_date <= observation.as_of_date
