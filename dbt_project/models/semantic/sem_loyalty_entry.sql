select
    entry.entry_id,
    bridge.customer_id,
    entry.occurred_date,
    entry.entry_type,
    entry.tier,
    entry.points
from {{ ref('fct_loyalty_entry') }} as entry
left join {{ ref('bridge_record_customer') }} as bridge
    on entry.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where entry.occurred_date <= observation.as_of_date
