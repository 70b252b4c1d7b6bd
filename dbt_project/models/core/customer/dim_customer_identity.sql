-- Survivorship: each field comes from the record changed last that has one; ties go to the smaller record_id.
-- The address is taken whole from one record, so that it is never mixed of two.
with customer_record as (
    select
        bridge.customer_id,
        record.given_name,
        record.family_name,
        record.company_name,
        record.email,
        record.phone,
        record.tax_number,
        record.birth_date,
        record.street_address,
        record.postal_code,
        record.city,
        record.region,
        record.country_code,
        coalesce(record.street_address, record.postal_code, record.city, record.region) is not null as has_address,
        row_number() over (
            partition by bridge.customer_id
            order by record.updated_at desc nulls last, record.record_id asc nulls last
        ) as survivor_rank
    from {{ ref('bridge_record_customer') }} as bridge
    inner join {{ ref('int_identity__current_record') }} as record on bridge.record_id = record.record_id
    where bridge.is_current
),

addressed_record as (
    select
        *,
        min(case when has_address then survivor_rank end) over (partition by customer_id) as address_rank
    from customer_record
)

select
    customer_id,
    min_by(given_name, survivor_rank) filter (where given_name is not null) as given_name,
    min_by(family_name, survivor_rank) filter (where family_name is not null) as family_name,
    min_by(company_name, survivor_rank) filter (where company_name is not null) as company_name,
    min_by(email, survivor_rank) filter (where email is not null) as email,
    min_by(phone, survivor_rank) filter (where phone is not null) as phone,
    min_by(tax_number, survivor_rank) filter (where tax_number is not null) as tax_number,
    min_by(birth_date, survivor_rank) filter (where birth_date is not null) as birth_date,
    max(street_address) filter (where survivor_rank = address_rank) as street_address,
    max(postal_code) filter (where survivor_rank = address_rank) as postal_code,
    max(city) filter (where survivor_rank = address_rank) as city,
    max(region) filter (where survivor_rank = address_rank) as region,
    min_by(country_code, survivor_rank) filter (where country_code is not null) as country_code
from addressed_record
group by customer_id
