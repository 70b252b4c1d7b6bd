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
    eligible.customer_id,
    eligible.observation_date,
    count(distinct record_category.category_name) as category_count
from record_category
inner join {{ ref('int_churn__record_customer') }} as record_customer
    on record_category.record_id = record_customer.record_id
inner join {{ ref('int_churn__eligible_customer') }} as eligible
    on
        record_customer.customer_id = eligible.customer_id
        and record_category.first_date <= eligible.observation_date
        and record_customer.from_date <= eligible.observation_date
        and record_customer.to_date > eligible.observation_date
where {{ was_not_canceled_on('record_category', 'eligible.observation_date') }}
group by eligible.customer_id, eligible.observation_date
