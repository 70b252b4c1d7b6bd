-- What was experienced less what was expected, in the same response, of the same touchpoint, on the same scale.
-- Thousandths of a point, so that no order of adding changes a bit.
{%- set periods = ['quarter', 'year', 'all_time'] %}

with answer as (
    select
        response.response_id,
        response.touchpoint,
        response.scale_min,
        response.scale_max,
        min(response.responded_date) as responded_date,
        min(coalesce('c' || bridge.customer_id, 'r' || response.response_id)) as cluster_id,
        cast(round(1000 * avg(case when response.metric = 'csat' then response.score end)) as bigint) as reality,
        cast(round(1000 * avg(case when response.metric = 'expectation' then response.score end)) as bigint) as expected
    from {{ ref('fct_answer') }} as response
    left join {{ ref('bridge_record_customer') }} as bridge
        on response.record_id = bridge.record_id and bridge.is_current
    where response.answer_fate = 'counted' and response.metric in ('csat', 'expectation')
    group by response.response_id, response.touchpoint, response.scale_min, response.scale_max
),

pair as (
    select
        answer.*,
        answer.reality - answer.expected as gap,
        observation.as_of_date
    from answer
    cross join {{ ref('dim_observation') }} as observation
    where answer.reality is not null and answer.expected is not null
),

customer_cell as (
    {%- for period in periods %}
    select
        '{{ period }}' as period,
        {{ score_period_start(period, 'observation.responded_date') }} as period_start,
        observation.touchpoint,
        observation.scale_min,
        observation.scale_max,
        observation.cluster_id,
        max(observation.as_of_date) as as_of_date,
        cast(count(*) as bigint) as pairs,
        cast(sum(observation.gap) as bigint) as gap,
        cast(sum(observation.reality) as bigint) as reality,
        cast(sum(observation.expected) as bigint) as expected,
        cast(sum(case when observation.gap < 0 then 1 else 0 end) as bigint) as disappointed
    from pair as observation
    group by
        {{ score_period_start(period, 'observation.responded_date') }}, observation.touchpoint, observation.scale_min,
        observation.scale_max, observation.cluster_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cell as (
    select
        period,
        period_start,
        touchpoint,
        scale_min,
        scale_max,
        max(as_of_date) as as_of_date,
        count(*) as customers,
        sum(pairs) as pairs,
        sum(disappointed) as disappointed,
        cast(sum(reality) as double) / sum(pairs) as reality,
        cast(sum(expected) as double) / sum(pairs) as expected,
        cast(sum(gap) as double) / sum(pairs) as gap,
        cast(sum(gap * gap) as double) as gap2,
        cast(sum(gap * pairs) as double) as gap_pairs,
        cast(sum(pairs * pairs) as double) as pairs2
    from customer_cell
    group by period, period_start, touchpoint, scale_min, scale_max
),

told as (
    select
        *,
        sqrt(
            greatest(0, gap2 - 2 * gap * gap_pairs + gap * gap * pairs2)
            * (cast(customers as double) / nullif(customers - 1, 0))
        ) / pairs / 1000 as standard_error
    from cell
)

select
    period,
    cast(period_start as date) as period_start,
    touchpoint,
    scale_min,
    scale_max,
    cast(pairs as bigint) as pair_count,
    cast(customers as bigint) as customer_count,
    reality / 1000 as mean_reality,
    expected / 1000 as mean_expectation,
    gap / 1000 as mean_gap,
    gap / 1000 - {{ student_t95('(customers - 1.0)') }} * standard_error as gap_low,
    gap / 1000 + {{ student_t95('(customers - 1.0)') }} * standard_error as gap_high,
    cast(disappointed as double) / pairs as disappointed_share,
    least(cast({{ score_period_end('period', 'period_start') | replace('observation.', '') }} as date), as_of_date)
        as counted_until_date,
    pairs < {{ parameter('minimum_answers') }} as is_suppressed
from told
