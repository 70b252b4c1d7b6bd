-- An index that stands on less than half of the weights compares other touchpoints than the rest of the series.
with dated as (
    select
        happiness.*,
        observation.as_of_date,
        cast({{ score_period_end('happiness.period', 'happiness.period_start') }} as date) as period_end
    from {{ source('scores', 'happiness_index') }} as happiness
    cross join {{ ref('dim_observation') }} as observation
)

select
    cast(period as string) as period,
    cast(period_start as date) as period_start,
    least(period_end, as_of_date) as counted_until_date,
    period_end <= as_of_date as is_complete,
    cast(cut as string) as cut,
    cast(segment as string) as segment,
    cast(answers as bigint) as answer_count,
    cast(customers as bigint) as customer_count,
    cast(touchpoints as bigint) as touchpoint_count,
    cast(covered_weight as double) as covered_weight,
    cast(happiness_index as double) as happiness_index,
    cast(standard_error as double) as standard_error,
    cast(index_low as double) as index_low,
    cast(index_high as double) as index_high,
    answers < {{ parameter('minimum_answers') }} or covered_weight < 0.5 as is_suppressed
from dated
