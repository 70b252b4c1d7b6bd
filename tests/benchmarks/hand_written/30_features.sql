-- Orders and what customers did, as of the observation date; features of the churn model at every cut.

create schema intermediate;

set variable as_of = (select as_of_date from given.snapshot);

create temp table receipt as
select
    order_id,
    min(record_id) as record_id,
    coalesce(min(occurred_date) filter (where line_type = 'sale'), min(occurred_date)) as first_date,
    min(currency_code) as currency_code,
    bool_or(line_type = 'sale') as has_sale,
    bool_or(line_type = 'sale' and currency_code = 'EUR') as has_euros
from core.fct_transaction_line
where occurred_date <= getvariable('as_of')
group by order_id;

create temp table purchase as
select
    order_id,
    coalesce(placed.record_id, receipt.record_id) as record_id,
    coalesce(placed.ordered_date, receipt.first_date) as purchase_date,
    coalesce(receipt.currency_code, 'EUR') as currency_code,
    placed.order_status,
    coalesce(placed.order_status in ('canceled', 'unavailable'), false) as is_canceled,
    if(is_canceled, coalesce(local_date(placed.updated_at), placed.ordered_date), null) as canceled_date,
    coalesce(receipt.has_sale, true) as is_order,
    coalesce(receipt.has_euros, false) as has_euros,
    is_order and coalesce(canceled_date > getvariable('as_of'), true) as is_purchase,
    placed.delivered_date,
    coalesce(placed.delivered_at > placed.promised_at, false) as is_late
from core.fct_sales_order as placed
full join receipt using (order_id)
where coalesce(placed.ordered_date, receipt.first_date) <= getvariable('as_of');

create temp table dated_payment as
with whole_receipt as (
    -- Lines after the observation date date a payment too, which then counts in no month yet.
    select
        order_id,
        coalesce(min(occurred_date) filter (where line_type = 'sale'), min(occurred_date)) as first_date
    from core.fct_transaction_line
    group by order_id
)
select
    payment.order_id,
    payment.currency_code,
    payment.paid_amount,
    coalesce(payment.paid_date, placed.ordered_date, whole_receipt.first_date) as paid_date
from core.fct_payment as payment
left join core.fct_sales_order as placed using (order_id)
left join whole_receipt using (order_id);

create temp table order_amount as
with sold as (
    select
        order_id,
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
    select order_id, currency_code, count(*) as payment_count, sum(paid_amount) as paid_amount
    from dated_payment
    where paid_date is null or paid_date <= getvariable('as_of')
    group by all
)
select
    order_id,
    currency_code,
    coalesce(line_count, 0) as line_count,
    coalesce(payment_count, 0) as payment_count,
    coalesce(net_amount, 0)::decimal(18, 2) as net_amount,
    coalesce(return_amount, 0)::decimal(18, 2) as return_amount,
    coalesce(shipping_amount, 0)::decimal(18, 2) as shipping_amount,
    coalesce(paid_amount, 0)::decimal(18, 2) as paid_amount
from sold
full join paid using (order_id, currency_code);

create temp table present_customer as
select record_id, customer_id from core.bridge_record_customer where is_current;

create table intermediate.int_value__customer_purchase as
with owned as (
    select
        customer_id, purchase.order_id, purchase_date, purchase.currency_code, is_order, is_purchase, has_euros,
        canceled_date,
        net_amount, return_amount, shipping_amount
    from purchase
    join present_customer using (record_id)
    left join order_amount as amount on amount.order_id = purchase.order_id and amount.currency_code = 'EUR'
)
select
    customer_id,
    getvariable('as_of') as observation_date,
    min(purchase_date) filter (where is_purchase) as first_purchase_date,
    min(purchase_date) filter (where is_order) as first_order_date,
    arg_min(currency_code, (purchase_date, order_id)) filter (where is_order) as first_order_currency_code,
    max(purchase_date) filter (where is_purchase) as last_purchase_date,
    count(*) filter (where is_order) as order_count,
    count(*) filter (where is_purchase) as purchase_count,
    count(*) filter (where is_purchase and has_euros) as reporting_purchase_count,
    coalesce(sum(net_amount) filter (where coalesce(canceled_date > getvariable('as_of'), true)), 0)::decimal(18, 2)
        as purchase_amount,
    coalesce(sum(net_amount), 0)::decimal(18, 2) as net_amount,
    coalesce(sum(return_amount), 0)::decimal(18, 2) as return_amount,
    coalesce(sum(shipping_amount), 0)::decimal(18, 2) as shipping_amount
from owned
group by customer_id;

-- ---------------------------------------------------------------------------------------------------- churn features
-- Horizon 30 days, eligible 90 days, six training cuts: the sample company's settings.
create temp table cut as
select n as cut_number, getvariable('as_of') - 30 * n::int as cut_date
from unnest(range(9)) as numbers(n);

-- Whose record it was on a cut, as known then; its first customer before anything was known, the present one today.
create temp table owner_at_cut as
with known as (
    select
        record_id,
        customer_id,
        if(
            row_number() over earliest_first = 1,
            date '1900-01-01',
            least(local_date(known_from_at), getvariable('as_of'))
        ) as from_date,
        if(is_current, date '9999-12-31', least(local_date(known_to_at), getvariable('as_of'))) as to_date
    from core.bridge_record_customer
    window earliest_first as (partition by record_id order by known_from_at, known_to_at, customer_id)
)
select cut_number, cut_date, record_id, customer_id
from known
join cut on cut_date >= from_date and cut_date < to_date;

create temp table eligible as
select
    customer_id,
    cut_date,
    if(cut_number = 0, null, not bool_or(purchase_date > cut_date)) as is_churned
from purchase
join owner_at_cut using (record_id)
where
    purchase_date between cut_date - 89 and cut_date + 30
    and if(purchase_date > cut_date, is_purchase, is_order and coalesce(canceled_date > cut_date, true))
group by customer_id, cut_number, cut_date
having bool_or(purchase_date <= cut_date);

-- Only owners who are eligible matter from here on.
create temp table observed as
select owner_at_cut.record_id, customer_id, cut_date
from owner_at_cut
semi join eligible using (customer_id, cut_date);

create temp table purchase_feature as
with day as (
    select
        customer_id,
        cut_date,
        purchase_date,
        cut_date - purchase_date as age,
        count(*) as orders,
        count(*) filter (where has_euros) as euro_orders,
        count(*) filter (where is_late and delivered_date between cut_date - 89 and cut_date) as late_orders
    from purchase
    join observed using (record_id)
    where is_order and coalesce(canceled_date > cut_date, true) and purchase_date <= cut_date
    group by customer_id, cut_date, purchase_date
),
spaced as (
    select *, purchase_date - lag(purchase_date) over (partition by customer_id, cut_date order by purchase_date) as gap
    from day
)
select
    customer_id,
    cut_date,
    min(age) as recency_days,
    max(age) as tenure_days,
    sum(orders) as purchase_count,
    sum(euro_orders) as euro_purchase_count,
    coalesce(sum(orders) filter (where age < 30), 0) as purchase_count_30_days,
    coalesce(sum(orders) filter (where age < 60), 0) as purchase_count_60_days,
    coalesce(sum(orders) filter (where age < 90), 0) as purchase_count_90_days,
    coalesce(sum(orders) filter (where age < 180), 0) as purchase_count_180_days,
    coalesce(sum(orders) filter (where age < 365), 0) as purchase_count_365_days,
    purchase_count_90_days / nullif(purchase_count_365_days, 0) as purchase_trend_share,
    avg(gap) as mean_gap_days,
    stddev_samp(gap) as sd_gap_days,
    recency_days / nullif(mean_gap_days, 0) as recency_to_gap_ratio,
    sum(late_orders) as late_delivery_count_90_days
from spaced
group by customer_id, cut_date;

create temp table amount_feature as
with line as (
    select purchase.record_id, occurred_date, canceled_date, line_type, net_amount, discount_amount
    from core.fct_transaction_line
    join purchase using (order_id)
    where fct_transaction_line.currency_code = 'EUR'
),
record_day as (
    select
        record_id,
        occurred_date,
        canceled_date,
        coalesce(sum(net_amount) filter (where line_type = 'sale'), 0) as sold,
        coalesce(sum(discount_amount) filter (where line_type = 'sale'), 0) as discounted,
        coalesce(-sum(net_amount) filter (where line_type = 'return'), 0) as returned,
        count(*) filter (where line_type = 'return') as returns
    from line
    group by all
),
aged as (
    select *, cut_date - occurred_date as age
    from record_day
    join observed using (record_id)
    where occurred_date <= cut_date and coalesce(canceled_date > cut_date, true)
)
select
    customer_id,
    cut_date,
    sum(sold) as sale_amount,
    coalesce(sum(sold) filter (where age < 30), 0)::double as sale_amount_30_days,
    coalesce(sum(sold) filter (where age < 90), 0)::double as sale_amount_90_days,
    coalesce(sum(sold) filter (where age < 180), 0)::double as sale_amount_180_days,
    coalesce(sum(sold) filter (where age < 365), 0)::double as sale_amount_365_days,
    (sum(discounted) filter (where age < 365))::double
    / nullif((sum(sold + discounted) filter (where age < 365))::double, 0) as discount_share_365_days,
    coalesce(sum(returns) filter (where age < 365), 0) as return_line_count_365_days,
    coalesce(sum(returned) filter (where age < 365), 0)::double as return_amount_365_days
from aged
group by customer_id, cut_date;

create temp table category_feature as
with first_bought as (
    select purchase.record_id, coalesce(category_name, line.product_id) as category, canceled_date,
        min(occurred_date) as first_date
    from core.fct_transaction_line as line
    join purchase using (order_id)
    left join core.dim_product using (product_id)
    where line_type = 'sale' and purchase.record_id is not null
    group by all
)
select customer_id, cut_date, count(distinct category) as category_count
from first_bought
join observed using (record_id)
where first_date <= cut_date and coalesce(canceled_date > cut_date, true)
group by customer_id, cut_date;

create temp table service_feature as
select
    customer_id,
    cut_date,
    count(*) filter (where opened_date > cut_date - 90) as ticket_count_90_days,
    count(*) filter (where opened_date > cut_date - 90 and is_complaint) as complaint_count_90_days,
    count(*) filter (where resolved_date is null or resolved_date > cut_date) as open_ticket_count
from core.fct_ticket
join observed using (record_id)
where opened_date <= cut_date
group by customer_id, cut_date;

create temp table interaction_feature as
select
    customer_id,
    cut_date,
    count(*) filter (where occurred_date > cut_date - 30) as interaction_count_30_days,
    count(*) filter (where channel = 'web') as web_count_90_days,
    count(*) filter (where channel = 'app') as app_count_90_days,
    count(*) filter (where channel = 'store') as store_count_90_days,
    count(*) filter (where channel = 'phone') as phone_count_90_days,
    count(*) filter (where channel = 'email') as email_count_90_days
from core.fct_interaction
join observed using (record_id)
where occurred_date between cut_date - 89 and cut_date
group by customer_id, cut_date;

create temp table campaign_feature as
select
    customer_id,
    cut_date,
    count(*) as campaign_contact_count_90_days,
    count(*) filter (where responded_date <= cut_date) as campaign_response_count_90_days
from core.fct_campaign_contact
join observed using (record_id)
where arm = 'treatment' and contacted_date between cut_date - 89 and cut_date
group by customer_id, cut_date;

create temp table answer_feature as
with scaled as (
    select
        customer_id,
        cut_date,
        responded_date,
        (score - scale_min) / (scale_max - scale_min) as scaled_score,
        if(metric = 'nps', score <= 6, score < (scale_min + scale_max) / 2) as is_low,
        row_number() over (
            partition by customer_id, cut_date order by responded_at desc, response_id, question_id
        ) as place
    from core.fct_survey_response
    join observed using (record_id)
    where score is not null and metric in ('nps', 'csat', 'ces') and responded_date <= cut_date
)
select
    customer_id,
    cut_date,
    arg_min(scaled_score, place) as last_scaled_score,
    -- Millionths, as the platform sums them.
    avg(round(scaled_score, 6)) filter (where responded_date > cut_date - 365) as mean_scaled_score_365_days,
    count(*) filter (where is_low and responded_date > cut_date - 90) as low_score_count_90_days
from scaled
group by customer_id, cut_date;

create table intermediate.int_churn__customer_feature as
select
    eligible.customer_id,
    eligible.cut_date as observation_date,
    eligible.is_churned,
    purchase_feature.* exclude (customer_id, cut_date),
    amount.sale_amount::double / nullif(purchase_feature.euro_purchase_count, 0) as mean_purchase_amount,
    coalesce(amount.sale_amount_30_days, 0) as sale_amount_30_days,
    coalesce(amount.sale_amount_90_days, 0) as sale_amount_90_days,
    coalesce(amount.sale_amount_180_days, 0) as sale_amount_180_days,
    coalesce(amount.sale_amount_365_days, 0) as sale_amount_365_days,
    amount.sale_amount_90_days / nullif(amount.sale_amount_365_days, 0) as sale_trend_share,
    coalesce(amount.discount_share_365_days, 0) as discount_share_365_days,
    coalesce(amount.return_line_count_365_days, 0) as return_line_count_365_days,
    coalesce(amount.return_amount_365_days, 0) as return_amount_365_days,
    coalesce(category_count, 0) as category_count,
    coalesce(ticket_count_90_days, 0) as ticket_count_90_days,
    coalesce(complaint_count_90_days, 0) as complaint_count_90_days,
    coalesce(open_ticket_count, 0) as open_ticket_count,
    coalesce(interaction_count_30_days, 0) as interaction_count_30_days,
    coalesce(web_count_90_days, 0) as web_count_90_days,
    coalesce(app_count_90_days, 0) as app_count_90_days,
    coalesce(store_count_90_days, 0) as store_count_90_days,
    coalesce(phone_count_90_days, 0) as phone_count_90_days,
    coalesce(email_count_90_days, 0) as email_count_90_days,
    coalesce(campaign_contact_count_90_days, 0) as campaign_contact_count_90_days,
    coalesce(campaign_response_count_90_days, 0) as campaign_response_count_90_days,
    last_scaled_score,
    mean_scaled_score_365_days,
    coalesce(low_score_count_90_days, 0) as low_score_count_90_days
from eligible
join purchase_feature using (customer_id, cut_date)
left join amount_feature as amount using (customer_id, cut_date)
left join category_feature using (customer_id, cut_date)
left join service_feature using (customer_id, cut_date)
left join interaction_feature using (customer_id, cut_date)
left join campaign_feature using (customer_id, cut_date)
left join answer_feature using (customer_id, cut_date);
