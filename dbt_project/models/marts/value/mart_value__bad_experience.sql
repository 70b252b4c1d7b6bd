-- Customers lost after one bad experience, comparable ones beside them; computed by cx_assets.experience_value.
select
    cast(loss.experience as string) as experience,
    cast(loss.status as string) as status,
    cast(loss.reason as string) as reason,
    cast(loss.bad_customer_count as bigint) as bad_customer_count,
    cast(loss.other_customer_count as bigint) as other_customer_count,
    cast(loss.moment_count as bigint) as moment_count,
    cast(loss.followed_count as bigint) as followed_count,
    cast(loss.overlap_share as double) as overlap_share,
    cast(loss.bad_left_share as double) as bad_left_share,
    cast(loss.comparable_left_share as double) as comparable_left_share,
    cast(loss.raw_difference as double) as raw_difference,
    cast(loss.raw_low as double) as raw_low,
    cast(loss.raw_high as double) as raw_high,
    cast(loss.adjusted_difference as double) as adjusted_difference,
    cast(loss.adjusted_low as double) as adjusted_low,
    cast(loss.adjusted_high as double) as adjusted_high,
    cast(loss.p_value as double) as p_value,
    cast(loss.q_value as double) as q_value,
    cast(loss.is_claim as boolean) as is_claim,
    observation.as_of_date as observation_date
from {{ source('scores', 'experience_loss') }} as loss
cross join {{ ref('dim_observation') }} as observation
