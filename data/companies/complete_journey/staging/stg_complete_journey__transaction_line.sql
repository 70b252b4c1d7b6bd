-- sales_value is the "amount of dollars retailer receives from sale" (84.51°'s definition): what the loyalty card
-- (retail_disc) and the shop's match of a coupon (coupon_match_disc) took off is gone from it already, and both make
-- up discount_amount. coupon_disc is not: the manufacturer pays the shop for it. So net_amount is the shop's revenue,
-- and the household paid it less coupon_disc, which no contract holds.
--
-- The file has no returns and nothing below zero. 8,869 lines have the quantity 0 (a scanned coupon, a correction):
-- they stay sales of no pieces. Fuel is counted in thousandths of a gallon, hence quantities up to 89,638: quantity
-- cannot be added up over products. 4,836 lines name 17 products that the list of products lacks.
with mapped as (
    select
        'journey:' || basket_id || '-' || product_id as line_id,
        'journey' as source_system,
        'journey:' || basket_id as order_id,
        'journey:' || household_id as record_id,
        'journey:' || product_id as product_id,
        transaction_timestamp as occurred_at,
        'sale' as line_type,
        'store' as channel,
        quantity,
        sales_value as net_amount,
        retail_disc + coupon_match_disc as discount_amount,
        'USD' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__transactions') }}
)

{{ conform('transaction_line', missing=['updated_at', 'shipping_amount', 'cost_amount', 'refund_amount']) }}
