-- Two categories have no translation and keep their Portuguese name; the files have neither names nor list prices.
with translations as (
    {{ latest_landed('shop__category_translation', key=['product_category_name']) }}
),

mapped as (
    select
        'olist:' || products.product_id as product_id,
        'olist' as source_system,
        coalesce(translations.product_category_name_english, products.product_category_name) as category_name,
        'BRL' as currency_code,
        {{ landing_columns('products', 'translations') }}
    from {{ source('landing', 'shop__products') }} as products
    left join translations
        on products.product_category_name = translations.product_category_name
)

{{ conform('product', missing=['product_name', 'list_price_amount', 'unit_cost_amount']) }}
