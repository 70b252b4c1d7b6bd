with mapped as (
    select
        'shop:' || artikel_nr as product_id,
        'shop' as source_system,
        bezeichnung as product_name,
        warengruppe as category_name,
        listenpreis as list_price_amount,
        einstandspreis as unit_cost_amount,
        'EUR' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__products') }}
)

{{ conform('product') }}
