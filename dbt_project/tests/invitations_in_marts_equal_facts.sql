{{ config(meta={'dagster': {'ref': {'name': 'mart_experience__response_by_touchpoint_month'}}}) }}

-- Every invitation up to the observation date stands in exactly one cell of the response mart, with its answer.
with fact_total as (
    select
        count(*) as invited_count,
        count(*) filter (
            where invitation.invitation_id in (
                select response.invitation_id
                from {{ ref('fct_survey_response') }} as response
                cross join {{ ref('dim_observation') }} as answered_until
                where
                    response.responded_date <= answered_until.as_of_date
                    and (response.score is not null or response.has_verbatim)
            )
        ) as answered_count
    from {{ ref('fct_survey_invitation') }} as invitation
    cross join {{ ref('dim_observation') }} as observation
    where invitation.invited_date <= observation.as_of_date
),

mart_total as (
    select
        coalesce(sum(invited_count), 0) as invited_count,
        coalesce(sum(answered_count), 0) as answered_count
    from {{ ref('mart_experience__response_by_touchpoint_month') }}
)

select
    fact_total.invited_count,
    fact_total.answered_count,
    mart_total.invited_count as mart_invited_count,
    mart_total.answered_count as mart_answered_count
from fact_total
cross join mart_total
where
    fact_total.invited_count <> mart_total.invited_count or fact_total.answered_count <> mart_total.answered_count
