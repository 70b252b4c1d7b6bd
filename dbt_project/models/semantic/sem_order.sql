select
    order_id,
    customer_id,
    ordered_date,
    channel,
    currency_code,
    order_status,
    is_order,
    is_purchase,
    is_canceled,
    is_kept,
    is_first_order,
    has_lines,
    is_delivered,
    has_promise,
    is_late,
    net_amount
from {{ ref('mart_finance__order') }}
