select
    cast(rfm.customer_id as string) as customer_id,
    cast(rfm.observation_date as date) as observation_date,
    cast(rfm.recency_days as bigint) as recency_days,
    cast(rfm.purchase_count as bigint) as purchase_count,
    cast(rfm.purchase_amount as decimal(18, 2)) as purchase_amount,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(rfm.recency_score as bigint) as recency_score,
    cast(rfm.frequency_score as bigint) as frequency_score,
    cast(rfm.monetary_score as bigint) as monetary_score,
    cast(rfm.rfm_segment as string) as rfm_segment
from {{ source('scores', 'customer_rfm') }} as rfm
