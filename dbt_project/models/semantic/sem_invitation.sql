select
    invitation.invitation_id,
    bridge.customer_id,
    invitation.invited_date,
    invitation.survey_id,
    invitation.survey_type,
    invitation.touchpoint,
    invitation.channel,
    invitation.is_answered
from {{ ref('fct_invitation_outcome') }} as invitation
left join {{ ref('bridge_record_customer') }} as bridge
    on invitation.record_id = bridge.record_id and bridge.is_current
where not invitation.is_after_observation
