select
    interaction.interaction_id,
    bridge.customer_id,
    interaction.occurred_date,
    interaction.channel,
    coalesce(interaction.touchpoint, 'unmapped') as touchpoint,
    interaction.interaction_type,
    interaction.duration_seconds,
    interaction.cost_amount,
    interaction.currency_code
from {{ ref('fct_interaction') }} as interaction
left join {{ ref('bridge_record_customer') }} as bridge
    on interaction.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where interaction.occurred_date <= observation.as_of_date
