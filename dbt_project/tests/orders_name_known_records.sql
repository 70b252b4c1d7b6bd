{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_sales_order'}}}) }}

-- An order of a record that no source delivered counts as anonymous: worth knowing, no reason to stop.
select
    sales_order.record_id,
    count(*) as order_count
from {{ ref('fct_sales_order') }} as sales_order
left join {{ ref('bridge_record_customer') }} as bridge
    on sales_order.record_id = bridge.record_id and bridge.is_current
where sales_order.record_id is not null and bridge.record_id is null
group by sales_order.record_id
