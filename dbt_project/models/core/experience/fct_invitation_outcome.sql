-- Every invitation with what it asks about, and whether it was answered by the observation date. A form that came back
-- empty is no answer; a text without a score is one.
with answered_invitation as (
    select distinct response.invitation_id
    from {{ ref('fct_survey_response') }} as response
    cross join {{ ref('dim_observation') }} as observation
    where
        response.invitation_id is not null
        and response.responded_date <= observation.as_of_date
        and (response.score is not null or response.has_verbatim)
),

-- An order is about the category that most of its money went to.
category_amount as (
    select
        line.order_id,
        coalesce(product.category_name, 'unknown') as product_category,
        sum(line.net_amount) as net_amount
    from {{ ref('fct_transaction_line') }} as line
    inner join {{ ref('fct_survey_invitation') }} as invitation on line.order_id = invitation.order_id
    left join {{ ref('dim_product') }} as product on line.product_id = product.product_id
    where line.line_type = 'sale'
    group by line.order_id, coalesce(product.category_name, 'unknown')
),

order_category as (
    select
        order_id,
        product_category,
        row_number() over (partition by order_id order by net_amount desc nulls last, product_category asc nulls last)
            as category_rank
    from category_amount
),

invitation as (
    select
        invitation.invitation_id,
        invitation.record_id,
        invitation.order_id,
        invitation.survey_id,
        invitation.survey_type,
        invitation.invited_date,
        coalesce(touchpoint_key.touchpoint, invitation.touchpoint) as named_touchpoint,
        {{ asked_touchpoint('invitation') }} as asked_touchpoint,
        coalesce(invitation.channel, 'unknown') as channel,
        coalesce(order_category.product_category, 'unknown') as product_category,
        answered_invitation.invitation_id is not null as is_answered,
        invitation.invited_date > observation.as_of_date as is_after_observation
    from {{ ref('fct_survey_invitation') }} as invitation
    left join {{ ref('int_event__touchpoint_key') }} as touchpoint_key
        on touchpoint_key.key_kind = 'touchpoint' and invitation.touchpoint = touchpoint_key.key_text
    left join order_category on invitation.order_id = order_category.order_id and order_category.category_rank = 1
    left join answered_invitation on invitation.invitation_id = answered_invitation.invitation_id
    cross join {{ ref('dim_observation') }} as observation
)

select
    invitation_id,
    record_id,
    order_id,
    survey_id,
    survey_type,
    invited_date,
    named_touchpoint,
    coalesce(named_touchpoint, asked_touchpoint) as touchpoint,
    channel,
    product_category,
    is_answered,
    is_after_observation
from invitation
