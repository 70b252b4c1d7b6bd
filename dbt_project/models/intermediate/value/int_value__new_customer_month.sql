-- A customer is new in the month of the first purchase; the month stands under the currency of that purchase.
select
    {{ month_of('first_purchase_date') }} as activity_month,
    first_purchase_currency_code as currency_code,
    count(*) as new_customer_count
from {{ ref('int_value__customer_purchase') }}
group by {{ month_of('first_purchase_date') }}, first_purchase_currency_code
