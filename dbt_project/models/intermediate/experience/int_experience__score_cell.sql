-- Cells of every period and cut, with the sums that scores and their intervals are made of. Customers who answered
-- several times are clusters, so each customer's sums in the cell come first. Whole numbers throughout: answers in
-- thousandths of a point, weights in ten-thousandths, so that no order of adding changes a bit.
{%- set always = ['period_start', 'survey_type', 'metric', 'scale_min', 'scale_max'] %}

with answer as (
    select
        response.survey_type,
        response.metric,
        response.scale_min,
        response.scale_max,
        response.touchpoint,
        response.channel,
        response.product_category,
        coalesce(rfm.rfm_segment, 'unknown') as segment,
        coalesce('c' || bridge.customer_id, 'r' || response.response_id) as cluster_id,
        response.responded_date,
        coalesce(response.answer_point, 0) as point,
        cast(round(response.score * 1000) as bigint) as milli_score,
        cast(round(coalesce(response.weight, answer_weight.weight) * 10000) as bigint) as weight_unit
    from {{ ref('fct_answer') }} as response
    left join {{ ref('bridge_record_customer') }} as bridge
        on response.record_id = bridge.record_id and bridge.is_current
    left join {{ source('scores', 'customer_rfm') }} as rfm on bridge.customer_id = rfm.customer_id
    left join {{ source('scores', 'answer_weight') }} as answer_weight
        on response.invitation_id = answer_weight.invitation_id
    where response.answer_fate = 'counted'
),

{% for period in score_periods() -%}
answer_of_{{ period }} as (
    select
        answer.*,
        {{ score_period_start(period, 'answer.responded_date') }} as period_start
    from answer
    cross join {{ ref('dim_observation') }} as observation
),

{% endfor -%}
customer_cell as (
    {%- for period in score_periods() %}
    select
        '{{ period }}' as period,
        {{ always | join(', ') }},
        {{ cut_name() }} as cut,
        {{ cut_columns() | join(', ') }},
        cluster_id,
        cast(count(*) as bigint) as answers,
        cast(sum(case when point = 1 then 1 else 0 end) as bigint) as favourable,
        cast(sum(case when point = -1 then 1 else 0 end) as bigint) as detractors,
        cast(sum(point) as bigint) as points,
        cast(sum(milli_score) as bigint) as milli_score,
        sum(cast(milli_score as decimal(38, 0)) * milli_score) as squared_score,
        cast(count(weight_unit) as bigint) as weighted_answers,
        cast(sum(weight_unit) as bigint) as weight,
        sum(cast(weight_unit as decimal(38, 0)) * weight_unit) as squared_weight,
        cast(sum(weight_unit * point) as bigint) as weighted_points,
        cast(sum(weight_unit * point * point) as bigint) as weighted_absolute_points,
        sum(cast(weight_unit as decimal(38, 0)) * milli_score) as weighted_score
    from answer_of_{{ period }}
    group by grouping sets ({{ cut_sets(always + ['cluster_id']) }})
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    period,
    {{ always | join(', ') }},
    cut,
    {%- for column in cut_columns() %}
    coalesce({{ column }}, 'all') as {{ column }},
    {%- endfor %}
    count(*) as customers,
    cast(sum(answers) as bigint) as answers,
    cast(sum(favourable) as bigint) as favourable,
    cast(sum(detractors) as bigint) as detractors,
    cast(sum(milli_score) as bigint) as milli_score,
    cast(sum(squared_score) as double) as squared_score,
    cast(sum(cast(answers as decimal(38, 0)) * answers) as double) as cluster_answers2,
    cast(sum(cast(points as decimal(38, 0)) * points) as double) as cluster_points2,
    cast(sum(cast(points as decimal(38, 0)) * answers) as double) as cluster_points_answers,
    cast(sum(cast(milli_score as decimal(38, 0)) * milli_score) as double) as cluster_score2,
    cast(sum(cast(milli_score as decimal(38, 0)) * answers) as double) as cluster_score_answers,
    cast(sum(weighted_answers) as bigint) as weighted_answers,
    cast(sum(weight) as double) as weight,
    cast(sum(squared_weight) as double) as squared_weight,
    cast(sum(weighted_points) as double) as weighted_points,
    cast(sum(weighted_absolute_points) as double) as weighted_absolute_points,
    cast(sum(weighted_score) as double) as weighted_score,
    cast(sum(cast(weight as decimal(38, 0)) * weight) as double) as cluster_weight2,
    cast(sum(cast(weighted_points as decimal(38, 0)) * weighted_points) as double) as cluster_weighted_points2,
    cast(sum(cast(weighted_points as decimal(38, 0)) * weight) as double) as cluster_weighted_points_weight
from customer_cell
group by period, {{ always | join(', ') }}, cut, {{ cut_columns() | join(', ') }}
