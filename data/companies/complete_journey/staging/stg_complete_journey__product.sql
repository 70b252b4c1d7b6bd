-- Products have no name: type and package say what a piece is. 540 have no category and keep their department's name.
with mapped as (
    select
        'journey:' || product_id as product_id,
        'journey' as source_system,
        product_type || coalesce(', ' || package_size, '') as product_name,
        coalesce(product_category, department) as category_name,
        'USD' as currency_code,
        {{ landing_columns() }}
    from {{ source('landing', 'shop__products') }}
)

{{ conform('product', missing=['list_price_amount', 'unit_cost_amount']) }}
