-- A form that came back empty is no answer; a text without a score is one.
with answered_invitation as (
    select distinct response.invitation_id
    from {{ ref('fct_survey_response') }} as response
    cross join {{ ref('dim_observation') }} as observation
    where
        response.invitation_id is not null
        and response.responded_date <= observation.as_of_date
        and (response.score is not null or response.has_verbatim)
)

select
    invitation.invitation_id,
    bridge.customer_id,
    invitation.invited_date,
    invitation.survey_id,
    invitation.survey_type,
    {{ asked_touchpoint('invitation') }} as touchpoint,
    invitation.channel,
    answered_invitation.invitation_id is not null as is_answered
from {{ ref('fct_survey_invitation') }} as invitation
left join answered_invitation on invitation.invitation_id = answered_invitation.invitation_id
left join {{ ref('bridge_record_customer') }} as bridge
    on invitation.record_id = bridge.record_id and bridge.is_current
cross join {{ ref('dim_observation') }} as observation
where invitation.invited_date <= observation.as_of_date
