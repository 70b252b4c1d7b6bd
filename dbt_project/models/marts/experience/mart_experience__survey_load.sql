-- How often customers are asked, and whether those who are asked often still answer.
with invitation as (
    select
        invitation.invitation_id,
        invitation.invited_date,
        count(*) over (
            partition by bridge.customer_id
            order by invitation.invited_date asc nulls last
            range between interval '90' day preceding and interval '1' day preceding
        ) as earlier_count
    from {{ ref('fct_invitation_outcome') }} as invitation
    inner join {{ ref('bridge_record_customer') }} as bridge
        on invitation.record_id = bridge.record_id and bridge.is_current
    where not invitation.is_after_observation
),

answered as (
    select distinct invitation_id
    from {{ ref('fct_answer') }}
    where answer_fate = 'counted' and invitation_id is not null
),

load as (
    select
        {{ month_of('invitation.invited_date') }} as invited_month,
        case when invitation.earlier_count >= 5 then '5 or more' else cast(invitation.earlier_count as string) end
            as earlier_invitations,
        count(*) as invited_count,
        count(answered.invitation_id) as answered_count
    from invitation
    left join answered on invitation.invitation_id = answered.invitation_id
    group by all
)

select
    load.invited_month,
    load.earlier_invitations,
    load.invited_count,
    load.answered_count,
    cast(load.answered_count as double) / nullif(load.invited_count, 0) as response_share,
    {{ wilson('load.answered_count', 'load.invited_count', 'low') }} as interval_low,
    {{ wilson('load.answered_count', 'load.invited_count', 'high') }} as interval_high,
    load.invited_count < {{ parameter('minimum_answers') }} as is_suppressed,
    observation.snapshot_sequence
from load
cross join {{ ref('dim_observation') }} as observation
