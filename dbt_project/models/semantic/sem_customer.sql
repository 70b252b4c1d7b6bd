select
    customer.customer_id,
    customer.customer_type,
    customer.country_code,
    customer.region,
    customer.city,
    customer.language_code,
    customer.has_marketing_consent,
    customer.first_seen_date,
    segment.rfm_segment
from {{ ref('dim_customer') }} as customer
left join {{ ref('mart_segment__rfm') }} as segment on customer.customer_id = segment.customer_id
