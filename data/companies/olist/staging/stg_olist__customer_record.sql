-- The buyer's form of each order is a record of its own; the shop's person key joins them into customers.
-- A record is as old as its order, so the latest order's address wins; only the latest version of an order is
-- joined, because several loads of one order would multiply the records.
with orders as (
    {{ latest_landed('shop__orders', key=['customer_id']) }}
),

mapped as (
    select
        'olist:' || customers.customer_id as record_id,
        'olist' as source_system,
        customers.customer_unique_id as source_person_id,
        'person' as customer_type,
        -- The file lost the leading zero of a quarter of its five-digit prefixes.
        lpad(customers.customer_zip_code_prefix, 5, '0') as postal_code,
        customers.customer_city as city,
        customers.customer_state as region,
        'BR' as country_code,
        orders.order_purchase_timestamp as created_at,
        orders.order_purchase_timestamp as updated_at,
        {{ landing_columns('customers', 'orders') }}
    from {{ source('landing', 'shop__customers') }} as customers
    left join orders on customers.customer_id = orders.customer_id
)

{{ conform('customer_record', missing=[
    'given_name', 'family_name', 'company_name', 'email', 'phone', 'tax_number', 'birth_date', 'street_address',
    'language_code', 'has_marketing_consent'
]) }}
