{{ config(materialized='view') }}

-- When anything of an order was ever said to have happened, in every landed version: an incremental mart rebuilds the
-- months that a changed fact left as well as those that it entered. A payment without a date belongs to an order too.
select
    order_id as fact_id,
    order_id,
    ordered_at as happened_at
from {{ ref('int_contract__sales_order') }}
union all
select
    line_id as fact_id,
    order_id,
    occurred_at as happened_at
from {{ ref('int_contract__transaction_line') }}
union all
select
    payment_id as fact_id,
    order_id,
    paid_at as happened_at
from {{ ref('int_contract__payment') }}
union all
select
    leading_key as fact_id,
    parent_key as order_id,
    happened_at
from {{ ref('int_contract__departure') }}
where entity in ('payment', 'sales_order', 'transaction_line')
