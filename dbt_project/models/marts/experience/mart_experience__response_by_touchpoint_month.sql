{%- set replaced = {
    'period': 'month',
    'touched_by': [
        {'set': 'int_change__invitation'},
        {'set': 'int_change__day', 'only': {'border': ['observed']}},
    ],
} -%}
{{ config(materialized='incremental', unique_key='invited_month', meta=replaced) }}

with {{ touched_period_cte(this, 'invited_month', replaced) }}

observation as (
    select * from {{ ref('dim_observation') }}
),

invitation as (
    select
        {{ month_of('invitation.invited_date') }} as invited_month,
        invitation.survey_type,
        invitation.touchpoint,
        invitation.is_answered
    from {{ ref('fct_invitation_outcome') }} as invitation
    where
        not invitation.is_after_observation
        {{ and_touched(month_of('invitation.invited_date')) }}
),

response as (
    select
        invited_month,
        survey_type,
        touchpoint,
        count(*) as invited_count,
        count(*) filter (where is_answered) as answered_count
    from invitation
    group by invited_month, survey_type, touchpoint
)

select
    response.invited_month,
    response.survey_type,
    response.touchpoint,
    response.invited_count,
    response.answered_count,
    cast(response.answered_count as double) / nullif(response.invited_count, 0) as response_share,
    {{ wilson('response.answered_count', 'response.invited_count', 'low') }} as interval_low,
    {{ wilson('response.answered_count', 'response.invited_count', 'high') }} as interval_high,
    response.invited_count < {{ parameter('minimum_answers') }} as is_suppressed,
    least({{ month_end('response.invited_month') }}, observation.as_of_date) as counted_until_date,
    observation.snapshot_sequence
from response
cross join observation
