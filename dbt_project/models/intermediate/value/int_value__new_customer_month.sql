-- A customer is new in the month of the first order; the month stands under the currency of that order.
select
    {{ month_of('first_order_date') }} as activity_month,
    first_order_currency_code as currency_code,
    count(*) as new_customer_count
from {{ ref('int_value__customer_purchase') }}
where first_order_date is not null
group by {{ month_of('first_order_date') }}, first_order_currency_code
