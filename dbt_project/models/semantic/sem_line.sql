select
    line.line_id,
    bridge.customer_id,
    line.product_id,
    line.occurred_date,
    line.line_type,
    line.channel,
    line.currency_code,
    line.quantity,
    line.net_amount,
    line.discount_amount,
    line.shipping_amount,
    line.cost_amount,
    line.refund_amount
from {{ ref('fct_transaction_line') }} as line
left join {{ ref('bridge_record_customer') }} as bridge
    on line.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where line.occurred_date <= observation.as_of_date
