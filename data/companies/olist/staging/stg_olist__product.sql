-- Two categories have no translation and keep their Portuguese name; the files have neither names nor list prices.
with translations as (
    select
        product_category_name,
        product_category_name_english,
        _load_sequence,
        row_number() over (
            partition by product_category_name
            order by _load_sequence desc nulls last, _source_file desc nulls last, _source_row desc nulls last
        ) as version_rank
    from {{ source('landing', 'shop__category_translation') }}
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
        on products.product_category_name = translations.product_category_name and translations.version_rank = 1
)

{{ conform('product', missing=['product_name', 'list_price_amount']) }}
