-- What was known of a customer on the day before an invitation: purchases, earlier invitations and earlier answers.
with person as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_record_customer') }}
    where is_current
),

answered as (
    select distinct invitation_id
    from {{ ref('fct_answer') }}
    where answer_fate = 'counted' and invitation_id is not null
),

event as (
    select
        person.customer_id,
        sales.purchase_date as event_date,
        1 as is_purchase,
        0 as is_answer,
        cast(null as bigint) as answer_point,
        cast(null as string) as invitation_id
    from {{ ref('int_sales__order') }} as sales
    inner join person on sales.record_id = person.record_id
    where sales.is_purchase
    union all
    select
        person.customer_id,
        answer.responded_date as event_date,
        0 as is_purchase,
        1 as is_answer,
        answer.answer_point,
        cast(null as string) as invitation_id
    from {{ ref('fct_answer') }} as answer
    inner join person on answer.record_id = person.record_id
    where answer.answer_fate = 'counted'
    union all
    select
        person.customer_id,
        invitation.invited_date as event_date,
        0 as is_purchase,
        0 as is_answer,
        cast(null as bigint) as answer_point,
        invitation.invitation_id
    from {{ ref('fct_invitation_outcome') }} as invitation
    inner join person on invitation.record_id = person.record_id
    where not invitation.is_after_observation
),

history as (
    select
        customer_id,
        invitation_id,
        sum(is_purchase) over earlier as purchase_count,
        max(case when is_purchase = 1 then event_date end) over earlier as last_purchase_date,
        sum(case when invitation_id is not null then 1 else 0 end) over earlier as earlier_invitation_count,
        sum(is_answer) over earlier as earlier_answer_count,
        sum(answer_point) over earlier as earlier_points
    from event
    window earlier as (
        partition by customer_id
        order by event_date asc nulls last
        range between unbounded preceding and interval '1' day preceding
    )
)

select
    invitation.invitation_id,
    invitation.survey_type,
    invitation.touchpoint,
    invitation.channel,
    cast(coalesce(history.purchase_count, 0) as bigint) as purchase_count,
    {{ days_between('history.last_purchase_date', 'invitation.invited_date') }} as days_since_purchase,
    cast(coalesce(history.earlier_invitation_count, 0) as bigint) as earlier_invitation_count,
    cast(coalesce(history.earlier_answer_count, 0) as bigint) as earlier_answer_count,
    cast(history.earlier_points as double) / nullif(history.earlier_answer_count, 0) as earlier_mean_point,
    answered.invitation_id is not null as is_answered,
    {{ days_between('invitation.invited_date', 'observation.as_of_date') }} as days_open
from history
inner join {{ ref('fct_invitation_outcome') }} as invitation on history.invitation_id = invitation.invitation_id
left join answered on history.invitation_id = answered.invitation_id
cross join {{ ref('dim_observation') }} as observation
