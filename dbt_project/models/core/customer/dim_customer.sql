-- Region and city come from one record, that with the newest address, so that no address is mixed of two.
-- No personal data here: names, addresses and numbers are in dim_customer_identity, which is published apart.
with customer_record as (
    select
        bridge.customer_id,
        record.record_id,
        record.source_system,
        record.customer_type,
        record.country_code,
        record.region,
        record.city,
        record.language_code,
        coalesce(record.has_marketing_consent, false) as has_marketing_consent,
        record.created_at,
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
    min_by(customer_type, survivor_rank) as customer_type,
    min_by(country_code, survivor_rank) filter (where country_code is not null) as country_code,
    max(region) filter (where survivor_rank = address_rank) as region,
    max(city) filter (where survivor_rank = address_rank) as city,
    min_by(language_code, survivor_rank) filter (where language_code is not null) as language_code,
    -- One record without consent is enough to leave the customer alone.
    bool_and(has_marketing_consent) as has_marketing_consent,
    count(*) as record_count,
    min({{ local_date('created_at') }}) as first_seen_date,
    {{ sorted_list('source_system') }} as source_systems
from addressed_record
group by customer_id
