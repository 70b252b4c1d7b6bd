-- Since when a customer buys and is known. Only the first day of a record matters, whatever came after; of its orders
-- the first of each day of cancellation, since a canceled one was a purchase until then.
with event as (
    select
        record_id,
        purchase_date as event_date,
        is_order,
        canceled_date
    from {{ ref('int_sales__order') }}
    union all
    select
        record_id,
        occurred_date as event_date,
        false as is_order,
        cast(null as date) as canceled_date
    from {{ ref('fct_customer_event') }}
    where
        event_type in ('interaction', 'ticket_opened', 'survey_answered', 'lead_created', 'campaign_contacted')
),

first_event as (
    select
        record_id,
        is_order,
        canceled_date,
        min(event_date) as event_date
    from event
    where record_id is not null
    group by record_id, is_order, canceled_date
),

aged_event as (
    select
        observed.customer_id,
        observed.observation_date,
        {{ was_purchase_on('first_event', 'observed.observation_date') }} as is_purchase,
        {{ days_between('first_event.event_date', 'observed.observation_date') }} as age_days
    from first_event
    inner join {{ ref('int_feature__observed_record') }} as observed
        on first_event.record_id = observed.record_id and first_event.event_date <= observed.observation_date
)

select
    customer_id,
    observation_date,
    max(age_days) filter (where is_purchase) as tenure_days,
    max(age_days) as event_tenure_days
from aged_event
group by customer_id, observation_date
