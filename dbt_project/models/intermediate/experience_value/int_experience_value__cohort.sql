-- Each kept moment with what was known before it and what came in the days after it.
with moment as (
    select
        kept.*,
        known.tenure_days,
        known.recency_days,
        known.median_gap_days,
        known.purchase_count_90,
        known.purchase_count_365,
        known.net_amount_90,
        known.net_amount_365,
        known.previous_answer_count,
        known.ticket_count_90,
        known.late_count_90,
        known.rhythm_days,
        {{ days_after(parameter('experience_value_outcome_days'), 'kept.moment_date') }} as outcome_end_date,
        {{ days_after('known.rhythm_days', 'kept.moment_date') }} as silence_end_date,
        {{ days_after('2 * known.rhythm_days', 'kept.moment_date') }} as leaving_end_date
    from {{ ref('int_experience_value__kept_moment') }} as kept
    inner join {{ ref('int_experience_value__known_before') }} as known
        on
            kept.customer_id = known.customer_id
            and kept.moment_kind = known.moment_kind
            and kept.moment_date = known.moment_date
),

bought as (
    select
        moment.customer_id,
        moment.moment_kind,
        moment.moment_date,
        sum(day.net_amount) filter (where day.day_date <= moment.outcome_end_date) as net_amount,
        sum(day.purchase_count) filter (where day.day_date <= moment.outcome_end_date) as order_count,
        min(day.day_date) filter (where day.purchase_count > 0) as next_purchase_date,
        max(day.day_date) filter (where day.purchase_count > 0) as last_purchase_date
    from moment
    inner join {{ ref('int_experience_value__customer_day') }} as day
        on moment.customer_id = day.customer_id and day.day_date > moment.moment_date
    group by moment.customer_id, moment.moment_kind, moment.moment_date
),

{% set in_outcome -%}
happening.happened_date > moment.moment_date and happening.happened_date <= moment.outcome_end_date
{%- endset -%}
{% set is_running -%}
happening.is_subscription and happening.happened_date <= moment.moment_date
            and coalesce(happening.ended_date > moment.moment_date, true)
{%- endset -%}
seen as (
    select
        moment.customer_id,
        moment.moment_kind,
        moment.moment_date,
        sum(happening.referral_count) filter (where {{ in_outcome }}) as referral_count,
        sum(happening.ticket_count) filter (where {{ in_outcome }}) as ticket_count,
        count(*) filter (where {{ is_running }}) as subscription_count,
        -- Left is who ended the last of the subscriptions that ran.
        max(coalesce(happening.ended_date, cast('9999-12-31' as date))) filter (where {{ is_running }})
            as subscription_end_date
    from moment
    inner join {{ ref('bridge_record_customer') }} as bridge
        on moment.customer_id = bridge.customer_id and bridge.is_current
    inner join {{ ref('int_experience_value__happening') }} as happening on bridge.record_id = happening.record_id
    group by moment.customer_id, moment.moment_kind, moment.moment_date
)

{% set silence_end -%}
coalesce(moment.silence_end_date, {{ days_after(parameter('experience_value_silent_days'), 'moment.moment_date') }})
{%- endset -%}
-- Who was silent already when the moment came can no longer fall silent.
select
    moment.customer_id,
    moment.moment_kind,
    moment.moment_date,
    moment.score_share,
    moment.is_bad,
    moment.had_bad_before,
    moment.channel,
    customer.customer_type,
    moment.tenure_days,
    moment.recency_days,
    moment.median_gap_days,
    moment.purchase_count_90,
    moment.purchase_count_365,
    cast(moment.net_amount_90 as double) as net_amount_90,
    cast(moment.net_amount_365 as double) as net_amount_365,
    moment.previous_answer_count,
    moment.ticket_count_90,
    moment.late_count_90,
    moment.late_order_count,
    cast(coalesce(bought.net_amount, 0) as double) as later_net_amount,
    coalesce(bought.order_count, 0) as later_order_count,
    coalesce(bought.order_count, 0) > 0 as is_repeat,
    coalesce(seen.referral_count, 0) as later_referral_count,
    coalesce(seen.ticket_count, 0) as later_ticket_count,
    case
        when moment.recency_days < moment.rhythm_days and moment.silence_end_date <= observation.as_of_date
            then coalesce(bought.next_purchase_date > moment.silence_end_date, true)
    end as is_silent,
    case
        when seen.subscription_count > 0 and {{ silence_end }} <= observation.as_of_date
            then seen.subscription_end_date <= {{ silence_end }}
        when seen.subscription_count > 0 then null
        when moment.recency_days < moment.rhythm_days and moment.leaving_end_date <= observation.as_of_date
            then coalesce(bought.last_purchase_date <= moment.silence_end_date, true)
    end as has_left
from moment
cross join {{ ref('dim_observation') }} as observation
left join {{ ref('dim_customer') }} as customer on moment.customer_id = customer.customer_id
left join bought
    on
        moment.customer_id = bought.customer_id
        and moment.moment_kind = bought.moment_kind
        and moment.moment_date = bought.moment_date
left join seen
    on
        moment.customer_id = seen.customer_id
        and moment.moment_kind = seen.moment_kind
        and moment.moment_date = seen.moment_date
