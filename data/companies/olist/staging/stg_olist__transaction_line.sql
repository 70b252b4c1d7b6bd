-- An item has no time and no buyer of its own and takes both from its order; an item whose order never came has no
-- occurred_at and fails the contract, where it is counted. Only the latest version of an order is joined, because
-- several loads of one order would multiply the lines. 115 orders have no item.
with orders as (
    {{ latest_landed('shop__orders', key=['order_id']) }}
),

mapped as (
    select
        'olist:' || items.order_id || '-' || cast(items.order_item_id as {{ dbt.type_string() }}) as line_id,
        'olist' as source_system,
        'olist:' || items.order_id as order_id,
        'olist:' || orders.customer_id as record_id,
        'olist:' || items.product_id as product_id,
        orders.order_purchase_timestamp as occurred_at,
        'sale' as line_type,
        'marketplace' as channel,
        1 as quantity,
        items.price as net_amount,
        items.freight_value as shipping_amount,
        'BRL' as currency_code,
        {{ landing_columns('items', 'orders') }}
    from {{ source('landing', 'shop__order_items') }} as items
    left join orders on items.order_id = orders.order_id
)

{{ conform('transaction_line', missing=['updated_at', 'discount_amount', 'cost_amount', 'refund_amount']) }}
