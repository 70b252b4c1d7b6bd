-- Every answer with what becomes of it in the scores. An invitation counts once per question, by its first answer with
-- a score: a later one would change a month that was read already, and is often asked for by the one who is rated.
-- Answers without an invitation are told apart by their response.
with observation as (
    select * from {{ ref('dim_observation') }}
),

answer as (
    select
        response.response_id,
        response.question_id,
        response.record_id,
        response.invitation_id,
        invitation.order_id,
        response.survey_id,
        response.wave,
        response.survey_type,
        coalesce(
            own_key.touchpoint, response.touchpoint, invitation.named_touchpoint, {{ asked_touchpoint('response') }}
        ) as touchpoint,
        coalesce(response.channel, invitation.channel, 'unknown') as channel,
        coalesce(invitation.product_category, 'unknown') as product_category,
        response.metric,
        response.scale_min,
        response.scale_max,
        response.score,
        response.no_score_reason,
        response.weight,
        response.responded_at,
        response.responded_date,
        {{ days_between('invitation.invited_date', 'response.responded_date') }} as days_to_answer,
        coalesce(
            {{ days_between('invitation.invited_date', 'response.responded_date') }}
            > {{ parameter('feedback_days_to_answer') }},
            false
        ) as is_late,
        response.responded_date > observation.as_of_date as is_after_observation
    from {{ ref('fct_survey_response') }} as response
    left join {{ ref('fct_invitation_outcome') }} as invitation on response.invitation_id = invitation.invitation_id
    left join {{ ref('int_event__touchpoint_key') }} as own_key
        on own_key.key_kind = 'touchpoint' and response.touchpoint = own_key.key_text
    cross join observation
),

ranked as (
    select
        *,
        -- Ranks among the answers that could count.
        row_number() over (
            partition by
                coalesce('i' || invitation_id, 'r' || response_id), question_id,
                score is not null and not is_late and not is_after_observation
            order by responded_at asc nulls last, response_id asc nulls last
        ) as answer_rank,
        {{ is_favourable('metric', 'score', 'scale_min', 'scale_max') }} as is_favourable
    from answer
)

select
    response_id,
    question_id,
    record_id,
    invitation_id,
    order_id,
    survey_id,
    wave,
    survey_type,
    touchpoint,
    channel,
    product_category,
    metric,
    scale_min,
    scale_max,
    score,
    is_favourable,
    {{ answer_point('metric', 'is_favourable', 'score') }} as answer_point,
    weight,
    responded_at,
    responded_date,
    days_to_answer,
    case
        when is_after_observation then 'after_observation'
        when score is null then coalesce(no_score_reason, 'no_score')
        when is_late then 'late'
        when answer_rank > 1 then 'repeated'
        else 'counted'
    end as answer_fate
from ranked
