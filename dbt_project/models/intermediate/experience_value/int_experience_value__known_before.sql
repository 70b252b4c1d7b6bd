-- What was known of the customer on the day before a moment, and the silence that would be out of the own rhythm.
with bought as (
    select
        customer_id,
        day_date,
        purchase_count,
        net_amount,
        case
            when purchase_count > 0
                then {{ days_between(
                    'max(case when purchase_count > 0 then day_date end) over (partition by customer_id'
                    ~ ' order by day_date asc nulls last rows between unbounded preceding and 1 preceding)', 'day_date'
                ) }}
        end as gap_days
    from {{ ref('int_experience_value__customer_day') }}
),

history as (
    select
        moment.customer_id,
        moment.moment_kind,
        moment.moment_date,
        {{ days_between('min(bought.day_date) filter (where bought.purchase_count > 0)', 'moment.known_until_date') }}
            as tenure_days,
        {{ days_between('max(bought.day_date) filter (where bought.purchase_count > 0)', 'moment.known_until_date') }}
            as recency_days,
        {% for days in [90, 365] -%}
        coalesce(sum(bought.purchase_count) filter (
            where {{ days_between('bought.day_date', 'moment.known_until_date') }} < {{ days }}
        ), 0) as purchase_count_{{ days }},
        coalesce(sum(bought.net_amount) filter (
            where {{ days_between('bought.day_date', 'moment.known_until_date') }} < {{ days }}
        ), 0) as net_amount_{{ days }},
        {% endfor -%}
        median(bought.gap_days) as median_gap_days
    from {{ ref('int_experience_value__kept_moment') }} as moment
    left join bought on moment.customer_id = bought.customer_id and bought.day_date <= moment.known_until_date
    group by moment.customer_id, moment.moment_kind, moment.moment_date, moment.known_until_date
),

happened as (
    select distinct
        'answer' as happening,
        customer_id,
        responded_date as happened_date,
        cast(null as string) as happening_id
    from {{ ref('int_experience_value__answer') }}
    union all
    select
        'ticket' as happening,
        bridge.customer_id,
        ticket.opened_date as happened_date,
        ticket.ticket_id as happening_id
    from {{ ref('fct_ticket') }} as ticket
    inner join {{ ref('bridge_record_customer') }} as bridge
        on ticket.record_id = bridge.record_id and bridge.is_current
    union all
    select
        'late_parcel' as happening,
        bridge.customer_id,
        sales_order.delivered_date as happened_date,
        sales_order.order_id as happening_id
    from {{ ref('int_sales__order') }} as sales_order
    inner join {{ ref('bridge_record_customer') }} as bridge
        on sales_order.record_id = bridge.record_id and bridge.is_current
    where sales_order.is_late
),

{% set days_ago = days_between('happened.happened_date', 'moment.known_until_date') -%}
happened_before as (
    select
        moment.customer_id,
        moment.moment_kind,
        moment.moment_date,
        count(*) filter (where happened.happening = 'answer') as previous_answer_count,
        count(*) filter (where happened.happening = 'ticket' and {{ days_ago }} < 90) as ticket_count_90,
        count(*) filter (where happened.happening = 'late_parcel' and {{ days_ago }} < 90) as late_count_90
    from {{ ref('int_experience_value__kept_moment') }} as moment
    inner join happened
        on moment.customer_id = happened.customer_id and happened.happened_date <= moment.known_until_date
    group by moment.customer_id, moment.moment_kind, moment.moment_date
)

select
    history.*,
    coalesce(happened_before.previous_answer_count, 0) as previous_answer_count,
    coalesce(happened_before.ticket_count_90, 0) as ticket_count_90,
    coalesce(happened_before.late_count_90, 0) as late_count_90,
    case
        when history.median_gap_days is not null
            then greatest(
                    {{ parameter('experience_value_silent_days') }},
                    cast(ceil({{ parameter('experience_value_silent_gaps') }} * history.median_gap_days) as bigint)
                )
    end as rhythm_days
from history
left join happened_before
    on
        history.customer_id = happened_before.customer_id
        and history.moment_kind = happened_before.moment_kind
        and history.moment_date = happened_before.moment_date
