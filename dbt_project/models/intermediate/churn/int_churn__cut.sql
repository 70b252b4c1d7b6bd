{{ config(materialized='view') }}

-- Days on which customers are looked at: the observation date, then one horizon back each: test, calibration, training.
{% for age_days in churn_cut_ages() -%}
select
    {{ loop.index0 }} as cut_number,
    {{ days_after(-age_days, 'as_of_date') }} as observation_date,
    {{ days_after((parameter('churn_horizon_days') | int) - age_days, 'as_of_date') }} as horizon_end_date,
    {{ days_after(-(parameter('churn_eligible_days') | int) - age_days, 'as_of_date') }} as eligible_after_date
from {{ ref('dim_observation') }}
{{ 'union all' if not loop.last }}
{% endfor %}
