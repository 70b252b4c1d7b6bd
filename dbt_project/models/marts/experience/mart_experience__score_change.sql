-- Each score that may be shown beside an earlier one of the same cell. The p-value is the level at which the interval
-- of the difference would just touch zero; q is its Benjamini-Hochberg value over everything shown for the period.
{%- set cell = ['cut'] + cut_columns() | list + ['survey_type', 'metric', 'scale_min', 'scale_max'] %}

with shown as (
    select
        *,
        lag(period_start) over (partition by period, {{ cell | join(', ') }} order by period_start asc nulls last)
            as earlier_start,
        case
            when period in ('month', 'quarter') then cast({{ dbt.dateadd('year', -1, 'period_start') }} as date)
            when period = 'week' then {{ days_after(-364, 'period_start') }}
        end as year_before_start
    from {{ ref('mart_experience__score') }}
    where not is_suppressed and score_value is not null and period <> 'all_time'
),

compared as (
    {%- for name, start in [('previous', 'earlier_start'), ('year_before', 'year_before_start')] %}
    select
        '{{ name }}' as compared_with,
        later.period,
        later.period_start,
        later.is_complete,
        earlier.period_start as compared_start,
        {%- for column in cell %}
        later.{{ column }},
        {%- endfor %}
        later.response_count,
        earlier.response_count as compared_response_count,
        later.score_value,
        earlier.score_value as compared_value,
        later.score_value - earlier.score_value as difference,
        {{ difference_bound('later', 'earlier', 'low') }} as difference_low,
        {{ difference_bound('later', 'earlier', 'high') }} as difference_high,
        later.snapshot_sequence
    from shown as later
    inner join shown as earlier
        on
            later.period = earlier.period
            and later.{{ start }} = earlier.period_start
            {%- for column in cell %}
            and later.{{ column }} = earlier.{{ column }}
            {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

tested as (
    select
        *,
        case
            when difference = 0 then cast(1 as double)
            else {{ two_sided_p(
                z95() ~ ' * difference / nullif(difference - case when difference > 0 then difference_low '
                ~ 'else difference_high end, 0)'
            ) }}
        end as p_value
    from compared
),

ranked as (
    select
        *,
        count(*) over (partition by period, period_start, compared_with) as tested_count,
        row_number() over (
            partition by period, period_start, compared_with
            order by p_value asc nulls last, {{ cell | join(' asc nulls last, ') }} asc nulls last
        ) as p_rank
    from tested
),

controlled as (
    select
        *,
        least(cast(1 as double), min(p_value * tested_count / p_rank) over (
            partition by period, period_start, compared_with
            order by p_rank desc nulls last rows between unbounded preceding and current row
        )) as q_value
    from ranked
)

select
    compared_with,
    period,
    period_start,
    is_complete,
    compared_start,
    {{ cell | join(', ') }},
    response_count,
    compared_response_count,
    score_value,
    compared_value,
    difference,
    difference_low,
    difference_high,
    p_value,
    q_value,
    tested_count,
    case
        when q_value > {{ parameter('feedback_false_discovery_rate') }} then 'no clear change'
        when difference > 0 then 'up'
        else 'down'
    end as verdict,
    snapshot_sequence
from controlled
