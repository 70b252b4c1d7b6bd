-- Customers who bought within the eligible days up to a cut, and whether they stayed away in the horizon after it. A
-- canceled order is no purchase: after the cut by what is known now, up to the cut by what was known then.
with cut_purchase as (
    select
        record_customer.customer_id,
        cut.observation_date,
        cut.cut_number,
        sales_order.purchase_date > cut.observation_date as is_after_cut
    from {{ ref('int_sales__order') }} as sales_order
    inner join {{ ref('int_feature__record_customer') }} as record_customer
        on sales_order.record_id = record_customer.record_id
    inner join {{ ref('int_churn__cut') }} as cut
        on
            sales_order.purchase_date > cut.eligible_after_date
            and sales_order.purchase_date <= cut.horizon_end_date
            and record_customer.from_date <= cut.observation_date
            and record_customer.to_date > cut.observation_date
    where
        case
            when sales_order.purchase_date > cut.observation_date then sales_order.is_purchase
            else {{ was_purchase_on('sales_order', 'cut.observation_date') }}
        end
)

select
    customer_id,
    observation_date,
    case when cut_number > 0 then not bool_or(is_after_cut) end as is_churned
from cut_purchase
group by customer_id, observation_date, cut_number
having count(*) filter (where not is_after_cut) > 0
