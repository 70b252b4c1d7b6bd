-- What answers are associated with, in the company's own words and money; computed by cx_assets.experience_value.
select
    cast(point.metric as string) as metric,
    cast(point.touchpoint as string) as touchpoint,
    cast(point.contrast as string) as contrast,
    cast(point.outcome as string) as outcome,
    cast({{ parameter('experience_value_outcome_days') }} as bigint) as outcome_days,
    case when point.outcome = 'net_amount' then '{{ parameter("currency_code") }}' end as currency_code,
    cast(point.status as string) as status,
    cast(point.reason as string) as reason,
    cast(point.first_customer_count as bigint) as first_customer_count,
    cast(point.second_customer_count as bigint) as second_customer_count,
    cast(point.answer_count as bigint) as answer_count,
    cast(point.overlap_share as double) as overlap_share,
    cast(point.first_mean as double) as first_mean,
    cast(point.second_mean as double) as second_mean,
    cast(point.raw_difference as double) as raw_difference,
    cast(point.raw_low as double) as raw_low,
    cast(point.raw_high as double) as raw_high,
    cast(point.adjusted_difference as double) as adjusted_difference,
    cast(point.adjusted_low as double) as adjusted_low,
    cast(point.adjusted_high as double) as adjusted_high,
    cast(point.p_value as double) as p_value,
    cast(point.q_value as double) as q_value,
    cast(point.is_claim as boolean) as is_claim,
    observation.as_of_date as observation_date
from {{ source('scores', 'experience_point') }} as point
cross join {{ ref('dim_observation') }} as observation
