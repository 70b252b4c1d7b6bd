with record_category as (
    select
        sales_order.record_id,
        coalesce(product.category_name, line.product_id) as category_name,
        sales_order.canceled_date,
        min(line.occurred_date) as first_date
    from {{ ref('fct_transaction_line') }} as line
    inner join {{ ref('int_sales__order') }} as sales_order on line.order_id = sales_order.order_id
    left join {{ ref('dim_product') }} as product on line.product_id = product.product_id
    where line.line_type = 'sale' and sales_order.record_id is not null
    group by sales_order.record_id, coalesce(product.category_name, line.product_id), sales_order.canceled_date
)

select
    observed.customer_id,
    observed.observation_date,
    count(distinct record_category.category_name) as category_count
from record_category
inner join {{ ref('int_feature__observed_record') }} as observed
    on record_category.record_id = observed.record_id and record_category.first_date <= observed.observation_date
where {{ was_not_canceled_on('record_category', 'observed.observation_date') }}
group by observed.customer_id, observed.observation_date
