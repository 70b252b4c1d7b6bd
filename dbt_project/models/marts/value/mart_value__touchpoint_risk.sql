-- Revenue at risk: what customers whose last answer was bad bought in a year, times how many more leave after such an
-- answer. Without that share there is no amount; why stands beside it. Nobody is lost below 0.
{% set lost = {
    'at_risk_amount': 'adjusted_difference',
    'at_risk_low': 'adjusted_low',
    'at_risk_high': 'adjusted_high',
} -%}
select
    weak.metric,
    weak.touchpoint,
    coalesce(loss.status, 'refused') as status,
    case when loss.experience is null then 'No answer of this metric could be followed.' else loss.reason end as reason,
    weak.answered_customer_count,
    weak.weak_customer_count,
    weak.weak_net_amount,
    loss.adjusted_difference as extra_loss_share,
    loss.adjusted_low as extra_loss_low,
    loss.adjusted_high as extra_loss_high,
    coalesce(loss.is_claim, false) as is_claim,
    {% for name, share in lost.items() -%}
    case
        when loss.{{ share }} is not null
            then cast(
                    greatest(cast(weak.weak_net_amount as double) * greatest(loss.{{ share }}, 0), 0) as decimal(18, 2)
                )
    end as {{ name }},
    {% endfor -%}
    '{{ parameter("currency_code") }}' as currency_code,
    observation.as_of_date as observation_date
from {{ ref('int_experience_value__weak_touchpoint') }} as weak
cross join {{ ref('dim_observation') }} as observation
left join {{ ref('mart_value__bad_experience') }} as loss on weak.metric = loss.experience
