{%- set replaced = {
    'period': 'month',
    'touched_by': [
        {'set': 'int_change__response'},
        {'set': 'int_change__day', 'only': {'border': ['observed']}},
    ],
} -%}
{{ config(materialized='incremental', unique_key='score_month', meta=replaced) }}

with {{ touched_period_cte(this, 'score_month', replaced) }}

observation as (
    select * from {{ ref('dim_observation') }}
),

answer as (
    select
        {{ month_of('response.responded_date') }} as score_month,
        response.survey_type,
        coalesce(response.touchpoint, 'unmapped') as touchpoint,
        response.metric,
        response.scale_min,
        response.scale_max,
        response.score,
        case response.metric
            when 'nps' then response.score >= 9
            when 'csat' then response.score >= response.scale_max - 1
            when 'ces' then response.score > (response.scale_min + response.scale_max) / 2
        end as is_favourable,
        response.metric = 'nps' and response.score <= 6 as is_detractor
    from {{ ref('fct_survey_response') }} as response
    cross join observation
    where
        response.responded_date <= observation.as_of_date
        and response.score is not null
        {{ and_touched(month_of('response.responded_date')) }}
),

score as (
    select
        score_month,
        survey_type,
        touchpoint,
        metric,
        scale_min,
        scale_max,
        count(*) as response_count,
        count(*) filter (where is_favourable) as favourable_count,
        count(*) filter (where is_detractor) as detractor_count,
        cast(sum(cast(score as decimal(18, 6))) as double) / nullif(count(*), 0) as mean_score
    from answer
    group by score_month, survey_type, touchpoint, metric, scale_min, scale_max
)

select
    score.score_month,
    score.survey_type,
    score.touchpoint,
    score.metric,
    score.scale_min,
    score.scale_max,
    score.response_count,
    score.favourable_count,
    score.detractor_count,
    case
        when score.metric = 'nps'
            then 100 * cast(score.favourable_count - score.detractor_count as double) / nullif(score.response_count, 0)
        when score.metric <> 'other' then cast(score.favourable_count as double) / nullif(score.response_count, 0)
    end as score_value,
    score.mean_score,
    {% for bound in ['low', 'high'] -%}
    case
        when score.metric = 'nps'
            then {{ nps_adjusted_wald(
                'score.favourable_count', 'score.detractor_count', 'score.response_count', bound
            ) }}
        when score.metric <> 'other' then {{ wilson('score.favourable_count', 'score.response_count', bound) }}
    end as interval_{{ bound }},
    {% endfor -%}
    score.response_count < {{ parameter('minimum_answers') }} as is_suppressed,
    least({{ month_end('score.score_month') }}, observation.as_of_date) as counted_until_date,
    observation.snapshot_sequence
from score
cross join observation
