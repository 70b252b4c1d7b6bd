-- The core from the landings: broken rows out, newest version of each key, local dates.
-- Variable `landing` is the landing folder; schema `given` holds what is taken from the platform (see run.py).

create schema core;

create macro landed(name) as table
    select * from read_parquet(getvariable('landing') || '/' || name || '/*/*.parquet', union_by_name = true);

create macro local_date(moment) as (moment at time zone 'UTC' at time zone 'Europe/Berlin')::date;
create macro is_given(value) as value is not null and trim(value) <> '';
create macro is_one_of(value, choices) as value is null or list_contains(choices, value);

create table core.dim_observation as from given.snapshot;

create table core.bridge_record_customer as
select *, known_to_at is null as is_current from given.record_customer;

-- ------------------------------------------------------------------------------------------------------ customers
create temp table record as
with both_systems as (
    select
        'crm:' || kontakt_nr as record_id,
        'crm' as source_system,
        map {'P': 'person', 'F': 'company'}[art] as customer_type,
        nullif(trim(vorname), '') as given_name,
        nullif(trim(nachname), '') as family_name,
        nullif(trim(firma), '') as company_name,
        nullif(trim(email), '') as email,
        nullif(trim(telefon), '') as phone,
        nullif(trim(ust_id), '') as tax_number,
        geburtsdatum as birth_date,
        nullif(trim(strasse), '') as street_address,
        nullif(trim(plz), '') as postal_code,
        nullif(trim(ort), '') as city,
        nullif(trim(bundesland), '') as region,
        nullif(trim(land), '') as country_code,
        nullif(trim(sprache), '') as language_code,
        werbung = 'J' and werbung is not null as has_marketing_consent,
        angelegt_am as created_at,
        geaendert_am as updated_at,
        _load_sequence, _load_id, _source_file, _source_row
    from landed('crm__contacts')
    union all by name
    select
        'service_crm:' || id as record_id,
        'service_crm' as source_system,
        map {'person': 'person', 'organisation': 'company'}[type] as customer_type,
        first_name as given_name,
        last_name as family_name,
        company as company_name,
        trim(mail) as email,
        tel as phone,
        tax_no as tax_number,
        born as birth_date,
        address.split_part(', ', 1) as street_address,
        zip as postal_code,
        city,
        country as country_code,
        lang as language_code,
        coalesce(opt_in, false) as has_marketing_consent,
        created_at,
        updated_at,
        _load_sequence, _load_id, _source_file, _source_row
    from landed('service_crm__persons')
)
from both_systems
where
    is_given(record_id)
    and customer_type is not null
    and coalesce(length(email) <= 320, true)
    and coalesce(birth_date >= date '1900-01-01', true)
    and coalesce(length(country_code) = 2, true)
    and coalesce(length(language_code) = 2, true)
    and coalesce(updated_at >= created_at, true)
qualify row_number() over (
    partition by record_id
    order by updated_at desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create temp table customer_record as
select
    bridge.customer_id,
    record.*,
    row_number() over (
        partition by bridge.customer_id order by record.updated_at desc nulls last, record.record_id
    ) as place,
    if(coalesce(street_address, postal_code, city, region) is not null, place, null) as address_place
from core.bridge_record_customer as bridge
join record using (record_id)
where bridge.is_current;

create table core.dim_customer as
select
    customer_id,
    arg_min(customer_type, place) as customer_type,
    arg_min(country_code, place) as country_code,
    arg_min({'is': region}, address_place)['is'] as region,
    arg_min({'is': city}, address_place)['is'] as city,
    arg_min(language_code, place) as language_code,
    bool_and(has_marketing_consent) as has_marketing_consent,
    count(*) as record_count,
    min(local_date(created_at)) as first_seen_date,
    string_agg(distinct source_system, ',' order by source_system) as source_systems
from customer_record
group by customer_id;

create table core.dim_customer_identity as
select
    customer_id,
    arg_min(given_name, row(-length(given_name), place)) as given_name,
    arg_min(family_name, place) as family_name,
    arg_min(company_name, place) as company_name,
    arg_min(email, place) as email,
    arg_min(phone, place) as phone,
    arg_min(tax_number, place) as tax_number,
    arg_min(birth_date, row(if(source_system = 'crm', 1, 2), place)) as birth_date,
    arg_min({'is': street_address}, address_place)['is'] as street_address,
    arg_min({'is': postal_code}, address_place)['is'] as postal_code,
    arg_min({'is': city}, address_place)['is'] as city,
    arg_min({'is': region}, address_place)['is'] as region,
    arg_min(country_code, place) as country_code
from customer_record
group by customer_id;

-- ---------------------------------------------------------------------------------------------------------- sales
create table core.dim_product as
select
    'shop:' || artikel_nr as product_id,
    'shop' as source_system,
    bezeichnung as product_name,
    warengruppe as category_name,
    listenpreis::decimal(18, 2) as list_price_amount,
    einstandspreis::decimal(18, 2) as unit_cost_amount,
    'EUR' as currency_code,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('shop__products')
where
    is_given(product_id)
    and coalesce(list_price_amount >= 0, true)
    and coalesce(unit_cost_amount >= 0, true)
qualify row_number() over (
    partition by product_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_sales_order as
select
    'shop:' || order_no as order_id,
    'shop' as source_system,
    customer_system || ':' || customer_no as record_id,
    ordered_at,
    updated_at,
    status as order_status,
    channel,
    approved_at,
    shipped_at,
    promised_at,
    delivered_at,
    local_date(ordered_at) as ordered_date,
    local_date(promised_at) as promised_date,
    local_date(delivered_at) as delivered_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('shop__orders')
where
    is_given(order_id)
    and ordered_at >= timestamp '1990-01-01'
    and order_status in (
        'created', 'approved', 'invoiced', 'processing', 'shipped', 'delivered', 'completed', 'returned', 'canceled',
        'unavailable'
    )
qualify row_number() over (
    partition by order_id
    order by updated_at desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_payment as
select
    'shop:' || order_no as payment_id,
    'shop' as source_system,
    'shop:' || order_no as order_id,
    coalesce(approved_at, ordered_at) as paid_at,
    payment_method,
    paid_amount::decimal(18, 2) as paid_amount,
    'EUR' as currency_code,
    local_date(paid_at) as paid_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed('shop__orders')
where is_given(payment_id) and abs(paid_amount) <= 100_000_000
qualify row_number() over (
    partition by payment_id order by _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;

create table core.fct_transaction_line as
with landed_line as (
    select * replace (customer_system || ':' || customer_no as customer_no) from landed('shop__lines')
    union all by name
    select * replace (nullif(customer_system, '') || ':' || nullif(customer_no, '') as customer_no)
    from landed('shop__late_lines')
)
select
    'shop:' || line_no as line_id,
    'shop' as source_system,
    'shop:' || order_no as order_id,
    customer_no as record_id,
    'shop:' || article_no as product_id,
    booked_at as occurred_at,
    updated_at,
    line_type,
    channel,
    quantity::double as quantity,
    net_amount::decimal(18, 2) as net_amount,
    discount_amount::decimal(18, 2) as discount_amount,
    shipping_amount::decimal(18, 2) as shipping_amount,
    cost_amount::decimal(18, 2) as cost_amount,
    refund_amount::decimal(18, 2) as refund_amount,
    'EUR' as currency_code,
    local_date(booked_at) as occurred_date,
    _load_id as load_id,
    _load_sequence as load_sequence
from landed_line
where
    line_no is not null
    and order_no is not null
    and article_no is not null
    and booked_at >= timestamp '1990-01-01'
    and abs(landed_line.quantity) <= 1_000_000
    and abs(landed_line.net_amount) <= 100_000_000
    and coalesce(abs(landed_line.cost_amount) <= 100_000_000, true)
    and coalesce(landed_line.refund_amount >= 0, true)
    and case line_type
        when 'sale'
            then
                landed_line.quantity >= 0
                and landed_line.net_amount >= 0
                and coalesce(landed_line.cost_amount >= 0, true)
                and landed_line.refund_amount is null
        when 'return'
            then
                landed_line.quantity <= 0
                and landed_line.net_amount <= 0
                and coalesce(landed_line.cost_amount <= 0, true)
        else false
    end
qualify row_number() over (
    partition by line_id
    order by updated_at desc nulls last, _load_sequence desc, _load_id desc, _source_file desc, _source_row desc
) = 1;
