-- Contracts of known customers with the full billing intervals that they have lasted. One that a source gave up for
-- another is an end of its own.
{%- set days = {'week': 7, 'month': 30.4375, 'quarter': 91.3125, 'year': 365.25} %}

with contract as (
    select
        bridge.customer_id,
        subscription.subscription_id,
        subscription.billing_interval,
        coalesce(subscription.ended_date <= observation.as_of_date, false) as is_ended,
        {{ days_between(
            'subscription.started_date', 'least(coalesce(subscription.ended_date, observation.as_of_date), observation.as_of_date)'
        ) }} as lasted_days,
        coalesce(
            subscription.ended_date > observation.as_of_date
            or subscription.cancel_requested_date <= observation.as_of_date, false
        ) as has_notice,
        case
            when subscription.currency_code = '{{ parameter("currency_code") }}' then subscription.recurring_amount
        end as recurring_amount
    from {{ ref('fct_subscription') }} as subscription
    inner join {{ ref('bridge_record_customer') }} as bridge
        on subscription.record_id = bridge.record_id and bridge.is_current
    cross join {{ ref('dim_observation') }} as observation
    where subscription.started_date <= observation.as_of_date
)

select
    customer_id,
    subscription_id,
    billing_interval,
    is_ended,
    has_notice and not is_ended as is_canceled,
    -- An ended contract is billed for its last interval whole; months differ in length by a day or two.
    cast(
        case
            when is_ended then greatest(1, round(lasted_days / interval_days))
            else floor((lasted_days + 0.5) / interval_days)
        end as bigint
    ) as period_count,
    case
        when not is_ended then greatest(0, lasted_days - floor((lasted_days + 0.5) / interval_days) * interval_days)
    end as open_days,
    cast(recurring_amount as double) as recurring_amount
from (
    select
        contract.*,
        case contract.billing_interval
            {%- for interval, length in days.items() %}
            when '{{ interval }}' then {{ length }}
            {%- endfor %}
        end as interval_days
    from contract
) as measured
where interval_days is not null
