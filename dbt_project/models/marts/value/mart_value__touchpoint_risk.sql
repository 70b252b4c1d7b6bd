-- Revenue at risk: what customers whose last answer was bad bought in a year, times how many more leave after such an
-- answer, both ends of that share's interval with it. Without a claim that more leave there is no amount; why stands
-- beside it. Returns that exceed purchases put nothing at risk.
{% set lost = {
    'at_risk_amount': 'extra_loss_share',
    'at_risk_low': 'extra_loss_low',
    'at_risk_high': 'extra_loss_high',
} -%}
with weak as (
    select
        weak_touchpoint.*,
        case
            when loss.experience is null then 'refused'
            when loss.status = 'stated' and (not loss.is_claim or loss.adjusted_difference <= 0) then 'not_claimed'
            else loss.status
        end as status,
        case
            when loss.experience is null then 'No answer of this metric could be followed.'
            when loss.status = 'refused' then loss.reason
            when not loss.is_claim
                then 'Not claimed: chance alone could make the difference in customers lost after a bad answer.'
            when loss.adjusted_difference <= 0
                then 'Not claimed: no more customers leave after a bad answer than comparable ones.'
        end as reason,
        loss.adjusted_difference as extra_loss_share,
        loss.adjusted_low as extra_loss_low,
        loss.adjusted_high as extra_loss_high,
        coalesce(loss.is_claim, false) as is_claim
    from {{ ref('int_experience_value__weak_touchpoint') }} as weak_touchpoint
    left join {{ ref('mart_value__bad_experience') }} as loss on weak_touchpoint.metric = loss.experience
)

select
    weak.metric,
    weak.touchpoint,
    weak.status,
    weak.reason,
    weak.answered_customer_count,
    weak.weak_customer_count,
    weak.weak_net_amount,
    weak.extra_loss_share,
    weak.extra_loss_low,
    weak.extra_loss_high,
    weak.is_claim,
    {% for name, share in lost.items() -%}
    case
        when weak.status = 'stated'
            then cast(greatest(cast(weak.weak_net_amount as double) * weak.{{ share }}, 0) as decimal(18, 2))
    end as {{ name }},
    {% endfor -%}
    '{{ parameter("currency_code") }}' as currency_code,
    observation.as_of_date as observation_date
from weak
cross join {{ ref('dim_observation') }} as observation
