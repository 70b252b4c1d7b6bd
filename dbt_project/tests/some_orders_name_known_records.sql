{{ config(meta={'dagster': {'ref': {'name': 'fct_sales_order'}}}) }}

-- When not one of the orders that name a record names a known one, the mapping joins the wrong ids.
select
    count(*) as order_count,
    count(bridge.record_id) as known_order_count
from {{ ref('fct_sales_order') }} as sales_order
left join {{ ref('bridge_record_customer') }} as bridge
    on sales_order.record_id = bridge.record_id and bridge.is_current
where sales_order.record_id is not null
having count(*) > 0 and count(bridge.record_id) = 0
