-- Days of a customer from which an outcome is followed, whatever came of them: answers, promised parcels, purchases.
-- The kind is the experience that is asked about. Who had a good one of the kind on such a day is who is compared with.
with observation as (
    select * from {{ ref('dim_observation') }}
),

purchase as (
    select
        bridge.customer_id,
        sales_order.*
    from {{ ref('int_sales__order') }} as sales_order
    inner join {{ ref('bridge_record_customer') }} as bridge
        on sales_order.record_id = bridge.record_id and bridge.is_current
    where sales_order.is_purchase
),

complaint as (
    select
        bridge.customer_id,
        ticket.order_id,
        ticket.opened_date
    from {{ ref('fct_ticket') }} as ticket
    inner join {{ ref('bridge_record_customer') }} as bridge
        on ticket.record_id = bridge.record_id and bridge.is_current
    where ticket.is_complaint
),

-- A complaint that names no order belongs to whatever was bought in the days before it.
complained_order as (
    select distinct purchase.order_id
    from complaint
    inner join purchase
        on
            complaint.customer_id = purchase.customer_id
            and coalesce(complaint.order_id, purchase.order_id) = purchase.order_id
            and complaint.opened_date between purchase.purchase_date
            and {{ days_after(parameter('experience_value_complaint_days'), 'purchase.purchase_date') }}
),

happened as (
    select
        customer_id,
        metric as moment_kind,
        {{ days_after(-1, 'responded_date') }} as known_until_date,
        responded_date as moment_date,
        score_share,
        is_bad,
        channel,
        false as is_late_order
    from {{ ref('int_experience_value__answer') }}
    union all
    -- Late or not, what follows is counted from the promised day: the day of delivery would itself tell which it was.
    select
        customer_id,
        'late_delivery' as moment_kind,
        {{ days_after(-1, 'purchase_date') }} as known_until_date,
        promised_date as moment_date,
        null as score_share,
        is_late
        and {{ days_between('promised_date', 'delivered_date') }} > {{ parameter('experience_value_late_days') }}
            as is_bad,
        null as channel,
        false as is_late_order
    from purchase
    where has_promise and delivered_date is not null
    union all
    select
        purchase.customer_id,
        'complaint' as moment_kind,
        {{ days_after(-1, 'purchase.purchase_date') }} as known_until_date,
        {{ days_after(parameter('experience_value_complaint_days'), 'purchase.purchase_date') }} as moment_date,
        null as score_share,
        complained_order.order_id is not null as is_bad,
        null as channel,
        purchase.is_late as is_late_order
    from purchase
    left join complained_order on purchase.order_id = complained_order.order_id
    -- Where nobody ever complained, complaints are not recorded.
    where exists (select 1 from complaint)
)

select
    happened.customer_id,
    happened.moment_kind,
    happened.moment_date,
    min(happened.known_until_date) as known_until_date,
    avg(happened.score_share) as score_share,
    max(case when happened.is_bad then 1 else 0 end) = 1 as is_bad,
    min(happened.channel) as channel,
    max(case when happened.is_late_order then 1 else 0 end) as late_order_count
from happened
cross join observation
where {{ days_after(parameter('experience_value_outcome_days'), 'happened.moment_date') }} <= observation.as_of_date
group by happened.customer_id, happened.moment_kind, happened.moment_date
