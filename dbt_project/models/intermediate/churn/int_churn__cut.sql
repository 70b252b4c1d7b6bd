{{ config(materialized='view') }}

-- Days on which customers are looked at: the observation date, then one horizon back each: test, calibration, training.
{% set horizon_days = parameter('churn_horizon_days') | int -%}
{% set eligible_days = parameter('churn_eligible_days') | int -%}
{% for number in range((parameter('churn_training_cuts') | int) + 3) -%}
select
    {{ number }} as cut_number,
    {{ days_after(-number * horizon_days, 'as_of_date') }} as observation_date,
    {{ days_after(horizon_days - number * horizon_days, 'as_of_date') }} as horizon_end_date,
    {{ days_after(-eligible_days - number * horizon_days, 'as_of_date') }} as eligible_after_date
from {{ ref('dim_observation') }}
{{ 'union all' if not loop.last }}
{% endfor %}
