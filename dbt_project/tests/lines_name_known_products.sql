{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_transaction_line'}}}) }}

-- A line of an unknown product keeps its money and loses its category: worth knowing, no reason to stop.
select
    line.product_id,
    count(*) as line_count
from {{ ref('fct_transaction_line') }} as line
left join {{ ref('dim_product') }} as product on line.product_id = product.product_id
where product.product_id is null
group by line.product_id
