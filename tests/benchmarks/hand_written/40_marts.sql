-- What people read.

create schema marts;

create table marts.mart_segment__rfm as
select *, 'EUR' as currency_code from given.customer_rfm;

create table marts.mart_prediction__churn_model as from given.churn_model;

create table marts.mart_prediction__churn_reliability as from given.churn_reliability;

create table marts.mart_prediction__churn_score as
select * exclude (snapshot_id)
from given.customer_churn
semi join (from given.churn_model where is_current and status = 'trained') using (model_id)
where observation_date = getvariable('as_of')
qualify row_number() over (partition by customer_id order by snapshot_id desc, model_id desc) = 1;

create table marts.mart_prediction__churn_outcome as
with due as (
    select * replace (observation_date::date as observation_date), (observation_date + horizon_days::int)::date as ends_on
    from given.customer_churn
    where ends_on <= getvariable('as_of')
    qualify row_number() over (
        partition by customer_id, observation_date, horizon_days, model_id order by snapshot_id desc
    ) = 1
),
bought as (
    select distinct owner.customer_id, order_id, purchase_date
    from purchase
    join core.bridge_record_customer as owner using (record_id)
    where is_purchase
)
select
    due.customer_id,
    due.observation_date,
    due.horizon_days,
    due.model_id,
    due.churn_probability,
    due.baseline_probability,
    due.ends_on as horizon_end_date,
    count(bought.order_id) as purchase_count,
    count(bought.order_id) = 0 as is_churned
from due
left join bought
    on
        bought.customer_id = due.customer_id
        and bought.purchase_date > due.observation_date
        and bought.purchase_date <= due.ends_on
group by all;

create table marts.mart_customer__customer_360 as
with answered as (
    select
        customer_id,
        count(*) as response_count,
        count(*) filter (where metric = 'nps') as nps_response_count,
        count(*) filter (where metric = 'csat') as csat_response_count,
        count(*) filter (where metric = 'ces') as ces_response_count,
        first(score order by responded_at desc, response_id, question_id) filter (where metric = 'nps')
            as last_nps_score,
        first(score order by responded_at desc, response_id, question_id) filter (where metric = 'csat')
            as last_csat_score,
        first(score order by responded_at desc, response_id, question_id) filter (where metric = 'ces')
            as last_ces_score,
        max(responded_date) filter (where metric = 'nps') as last_nps_date,
        max(responded_date) filter (where metric = 'csat') as last_csat_date,
        max(responded_date) filter (where metric = 'ces') as last_ces_date
    from core.fct_survey_response
    join present_customer using (record_id)
    where score is not null and responded_date <= getvariable('as_of')
    group by customer_id
),
served as (
    select
        customer_id,
        count(*) as ticket_count,
        count_if(is_complaint) as complaint_count,
        count_if(resolved_date is null or resolved_date > getvariable('as_of')) as open_ticket_count
    from core.fct_ticket
    join present_customer using (record_id)
    where opened_date <= getvariable('as_of')
    group by customer_id
),
met as (
    select customer_id, count(*) as interaction_count
    from core.fct_interaction
    join present_customer using (record_id)
    where occurred_date <= getvariable('as_of')
    group by customer_id
),
addressed as (
    select
        customer_id,
        count(*) as campaign_contact_count,
        count_if(responded_date <= getvariable('as_of')) as campaign_response_count
    from core.fct_campaign_contact
    join present_customer using (record_id)
    where arm = 'treatment' and contacted_date <= getvariable('as_of')
    group by customer_id
),
tier as (
    select
        customer_id,
        case
            when coalesce(expected_amount, contract_amount) is null then 'unknown'
            when percent_rank() over by_value < 0.1 then 'high'
            when percent_rank() over by_value < 0.4 then 'middle'
            else 'low'
        end as value_tier
    from given.customer_lifetime
    window by_value as (order by greatest(expected_amount, contract_amount, 0) desc)
)
select
    customer.*,
    'EUR' as currency_code,
    coalesce(value.order_count, 0) as order_count,
    coalesce(value.purchase_count, 0) as purchase_count,
    coalesce(value.reporting_purchase_count, 0) as reporting_purchase_count,
    value.purchase_amount::double / nullif(value.reporting_purchase_count, 0) as mean_purchase_amount,
    coalesce(value.net_amount, 0)::decimal(18, 2) as net_amount,
    coalesce(value.return_amount, 0)::decimal(18, 2) as return_amount,
    coalesce(value.shipping_amount, 0)::decimal(18, 2) as shipping_amount,
    value.first_purchase_date,
    value.last_purchase_date,
    getvariable('as_of') - value.last_purchase_date as recency_days,
    coalesce(response_count, 0) as response_count,
    last_nps_score,
    last_nps_date,
    coalesce(nps_response_count, 0) as nps_response_count,
    last_csat_score,
    last_csat_date,
    coalesce(csat_response_count, 0) as csat_response_count,
    last_ces_score,
    last_ces_date,
    coalesce(ces_response_count, 0) as ces_response_count,
    coalesce(ticket_count, 0) as ticket_count,
    coalesce(complaint_count, 0) as complaint_count,
    coalesce(open_ticket_count, 0) as open_ticket_count,
    coalesce(interaction_count, 0) as interaction_count,
    coalesce(campaign_contact_count, 0) as campaign_contact_count,
    coalesce(campaign_response_count, 0) as campaign_response_count,
    rfm.rfm_segment,
    churn.churn_probability,
    churn.horizon_days as churn_horizon_days,
    lifetime.alive_probability,
    lifetime.expected_amount,
    if(lifetime.customer_id is not null, 365, null) as expected_amount_days,
    tier.value_tier,
    getvariable('as_of') as observation_date
from core.dim_customer as customer
left join intermediate.int_value__customer_purchase as value using (customer_id)
left join answered using (customer_id)
left join served using (customer_id)
left join met using (customer_id)
left join addressed using (customer_id)
left join marts.mart_segment__rfm as rfm using (customer_id)
left join marts.mart_prediction__churn_score as churn using (customer_id)
left join given.customer_lifetime as lifetime using (customer_id)
left join tier using (customer_id);

create table marts.mart_finance__order_settlement as
with refund as (select coalesce(bool_or(paid_amount < 0), false) as is_known from dated_payment)
select
    amount.order_id,
    amount.currency_code,
    purchase.purchase_date as ordered_date,
    purchase.order_status,
    amount.line_count,
    amount.payment_count,
    amount.return_amount,
    amount.net_amount + amount.shipping_amount
    + if(refund.is_known, 0, amount.return_amount) as due_amount,
    amount.net_amount as line_amount,
    amount.shipping_amount,
    amount.paid_amount,
    amount.paid_amount - due_amount as difference_amount,
    difference_amount = 0 as is_settled,
    getvariable('as_of') as observation_date
from order_amount as amount
cross join refund
left join purchase using (order_id);

create table marts.mart_finance__activity_by_month as
with bought as (
    select
        date_trunc('month', purchase_date)::date as activity_month,
        currency_code,
        count(distinct customer_id) as active_customer_count,
        count(*) as order_count,
        count_if(customer_id is null) as anonymous_order_count,
        count_if(is_canceled) as canceled_order_count
    from purchase
    left join present_customer using (record_id)
    where is_order
    group by all
),
sold as (
    select
        date_trunc('month', occurred_date)::date as activity_month,
        currency_code,
        count(*) as line_count,
        sum(net_amount) as net_amount,
        -sum(net_amount) filter (where line_type = 'return') as return_amount,
        sum(shipping_amount) as shipping_amount
    from core.fct_transaction_line
    where occurred_date <= getvariable('as_of')
    group by all
),
paid as (
    select
        date_trunc('month', paid_date)::date as activity_month,
        currency_code,
        sum(paid_amount) as paid_amount
    from dated_payment
    where paid_date <= getvariable('as_of')
    group by all
),
won as (
    select
        date_trunc('month', first_order_date)::date as activity_month,
        first_order_currency_code as currency_code,
        count(*) as new_customer_count
    from intermediate.int_value__customer_purchase
    where first_order_date is not null
    group by all
)
select
    activity_month,
    currency_code,
    coalesce(active_customer_count, 0) as active_customer_count,
    coalesce(new_customer_count, 0) as new_customer_count,
    activity_month < (select min(purchase_date) from purchase where is_order) + 90 as is_warm_up,
    coalesce(order_count, 0) as order_count,
    coalesce(anonymous_order_count, 0) as anonymous_order_count,
    coalesce(canceled_order_count, 0) as canceled_order_count,
    coalesce(line_count, 0) as line_count,
    coalesce(net_amount, 0)::decimal(18, 2) as net_amount,
    coalesce(return_amount, 0)::decimal(18, 2) as return_amount,
    coalesce(shipping_amount, 0)::decimal(18, 2) as shipping_amount,
    coalesce(paid_amount, 0)::decimal(18, 2) as paid_amount,
    least(last_day(activity_month), getvariable('as_of')) as counted_until_date
from bought
full join sold using (activity_month, currency_code)
full join paid using (activity_month, currency_code)
left join won using (activity_month, currency_code);

-- 95%: Wilson's interval for shares, Rocks' adjusted Wald for NPS.
create macro z() as 1.959963984540054::double;
create macro wilson(hits, n, side) as
    (hits + z() ^ 2 / 2 + side * z() * sqrt(hits * (n - hits)::double / n + z() ^ 2 / 4)) / (n + z() ^ 2);
create macro wald(p, d, n, side) as
    100 * greatest(-1, least(1, (p - d) + side * z() * sqrt((p + d - (p - d) ^ 2) / n)));
create macro nps_bound(promoters, detractors, n, side) as
    wald((promoters + 0.75::double) / (n + 3), (detractors + 0.75::double) / (n + 3), n + 3, side);

create table marts.mart_experience__response_by_touchpoint_month as
with answered as (
    select distinct invitation_id
    from core.fct_survey_response
    where (score is not null or has_verbatim) and responded_date <= getvariable('as_of')
)
select
    date_trunc('month', invited_date)::date as invited_month,
    survey_type,
    coalesce(touchpoint, if(survey_type = 'relational', 'overall', 'unmapped')) as touchpoint,
    count(*) as invited_count,
    count(answered.invitation_id) as answered_count,
    answered_count / invited_count as response_share,
    wilson(answered_count, invited_count, -1) as interval_low,
    wilson(answered_count, invited_count, 1) as interval_high,
    invited_count < 30 as is_suppressed,
    least(last_day(invited_month), getvariable('as_of')) as counted_until_date
from core.fct_survey_invitation as invitation
left join answered using (invitation_id)
where invited_date <= getvariable('as_of')
group by invited_month, survey_type, coalesce(touchpoint, if(survey_type = 'relational', 'overall', 'unmapped'));
