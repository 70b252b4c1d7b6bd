-- Invitations of every period and cut of the scores, by the day of the invitation, and how many were answered.
{%- set always = ['period_start', 'survey_type'] %}

with invitation as (
    select
        invitation.survey_type,
        invitation.touchpoint,
        invitation.channel,
        invitation.product_category,
        coalesce(rfm.rfm_segment, 'unknown') as segment,
        invitation.invited_date,
        invitation.is_answered
    from {{ ref('fct_invitation_outcome') }} as invitation
    left join {{ ref('bridge_record_customer') }} as bridge
        on invitation.record_id = bridge.record_id and bridge.is_current
    left join {{ source('scores', 'customer_rfm') }} as rfm on bridge.customer_id = rfm.customer_id
    where not invitation.is_after_observation
),

{% for period in score_periods() -%}
invitation_of_{{ period }} as (
    select
        invitation.*,
        {{ score_period_start(period, 'invitation.invited_date') }} as period_start
    from invitation
    cross join {{ ref('dim_observation') }} as observation
),

{% endfor -%}
cell as (
    {%- for period in score_periods() %}
    select
        '{{ period }}' as period,
        {{ always | join(', ') }},
        {{ cut_name() }} as cut,
        {{ cut_columns() | join(', ') }},
        count(*) as invited_count,
        count(*) filter (where is_answered) as answered_count
    from invitation_of_{{ period }}
    group by grouping sets ({{ cut_sets(always) }})
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
    invited_count,
    answered_count
from cell
