-- No personal data here: names, addresses and numbers are in dim_customer_identity, which is published apart.
select
    customer_id,
    min_by(customer_type, survivor_rank) as customer_type,
    min_by(country_code, country_code_place) filter (where country_code is not null) as country_code,
    max(region) filter (where survivor_rank = address_rank) as region,
    max(city) filter (where survivor_rank = address_rank) as city,
    min_by(language_code, language_code_place) filter (where language_code is not null) as language_code,
    -- One record without consent, or of which none is known, is enough to leave the customer alone.
    bool_and(coalesce(has_marketing_consent, false)) as has_marketing_consent,
    count(*) as record_count,
    min({{ local_date('created_at') }}) as first_seen_date,
    {{ sorted_list('source_system') }} as source_systems
from {{ ref('int_customer__survivor') }}
group by customer_id
