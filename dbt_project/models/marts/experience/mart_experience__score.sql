with cell as (
    select
        cell.*,
        invited.invited_count,
        invited.answered_count,
        observation.as_of_date,
        observation.snapshot_sequence,
        {{ score_period_end('cell.period', 'cell.period_start') }} as period_end,
        cast(cell.favourable - cell.detractors as double) / cell.answers as mean_point,
        cast(cell.favourable as double) / cell.answers as favourable_share,
        cast(cell.detractors as double) / cell.answers as detractor_share,
        cast(cell.milli_score as double) / cell.answers as mean_milli,
        cell.weighted_points / nullif(cell.weight, 0) as weighted_mean_point,
        (cell.weighted_absolute_points + cell.weighted_points) / 2 / nullif(cell.weight, 0)
            as weighted_favourable_share,
        (cell.weighted_absolute_points - cell.weighted_points) / 2 / nullif(cell.weight, 0)
            as weighted_detractor_share
    from {{ ref('int_experience__score_cell') }} as cell
    left join {{ ref('int_experience__response_cell') }} as invited
        on
            cell.period = invited.period
            and cell.period_start = invited.period_start
            and cell.survey_type = invited.survey_type
            and cell.cut = invited.cut
            -- An invitation is sent one way and answered another: cut by channel, the two are not the same people.
            and cell.cut not like '%channel%'
            {%- for column in cut_columns() %}
            and cell.{{ column }} = invited.{{ column }}
            {%- endfor %}
    cross join {{ ref('dim_observation') }} as observation
),

spread as (
    select
        *,
        favourable_share + detractor_share - mean_point * mean_point as point_variance,
        greatest(0, squared_score / answers - mean_milli * mean_milli) as milli_variance,
        weighted_favourable_share + weighted_detractor_share - weighted_mean_point * weighted_mean_point
            as weighted_variance
    from cell
),

effective as (
    select
        *,
        {{ design_effect(
            'answers', 'customers', 'mean_point', 'point_variance',
            'cluster_points2', 'cluster_points_answers', 'cluster_answers2'
        ) }} as design_effect,
        {{ design_effect(
            'answers', 'customers', 'mean_milli', 'milli_variance',
            'cluster_score2', 'cluster_score_answers', 'cluster_answers2'
        ) }} as mean_design_effect,
        {{ weighted_effective_count() }} as weighted_effective_count
    from spread
),

scored as (
    select
        *,
        answers / design_effect as effective_count,
        sqrt(milli_variance * mean_design_effect / nullif(answers - 1, 0)) / 1000 as mean_standard_error
    from effective
)

select
    period,
    period_start,
    least(period_end, as_of_date) as counted_until_date,
    period_end <= as_of_date as is_complete,
    cut,
    {{ cut_columns() | join(', ') }},
    survey_type,
    metric,
    scale_min,
    scale_max,
    invited_count,
    answered_count,
    cast(answered_count as double) / invited_count as response_share,
    answers as response_count,
    customers as customer_count,
    favourable as favourable_count,
    detractors as detractor_count,
    effective_count,
    {{ score_of('metric', 'favourable', 'detractors', 'answers') }} as score_value,
    {{ score_bound('metric', 'favourable_share', 'detractor_share', 'effective_count', 'low') }} as interval_low,
    {{ score_bound('metric', 'favourable_share', 'detractor_share', 'effective_count', 'high') }} as interval_high,
    mean_milli / 1000 as mean_score,
    mean_milli / 1000 - {{ student_t95('(customers - 1.0)') }} * mean_standard_error as mean_low,
    mean_milli / 1000 + {{ student_t95('(customers - 1.0)') }} * mean_standard_error as mean_high,
    weighted_answers as weighted_response_count,
    case when weighted_answers > 0 then weighted_effective_count end as weighted_effective_count,
    {{ score_of('metric', 'weighted_favourable_share', 'weighted_detractor_share', '1.0') }} as weighted_value,
    {{ score_bound(
        'metric', 'weighted_favourable_share', 'weighted_detractor_share', 'weighted_effective_count', 'low'
    ) }} as weighted_low,
    {{ score_bound(
        'metric', 'weighted_favourable_share', 'weighted_detractor_share', 'weighted_effective_count', 'high'
    ) }} as weighted_high,
    weighted_score / nullif(weight, 0) / 1000 as weighted_mean_score,
    answers < {{ parameter('minimum_answers') }} as is_suppressed,
    snapshot_sequence
from scored
