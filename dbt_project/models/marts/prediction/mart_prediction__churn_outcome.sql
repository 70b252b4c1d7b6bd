-- What a scored customer did within the horizon. Its records are all that ever belonged to it, so that a customer
-- whose id was retired since is still judged by its own purchases.
with past_score as (
    select
        churn.*,
        {{ days_after('churn.horizon_days', 'churn.observation_date') }} as horizon_end_date,
        row_number() over (
            partition by churn.customer_id, churn.observation_date, churn.horizon_days, churn.model_id
            order by churn.snapshot_sequence desc nulls last, churn.snapshot_id desc nulls last
        ) as score_rank
    from {{ source('scores', 'customer_churn') }} as churn
),

due_score as (
    select past_score.*
    from past_score
    inner join {{ ref('dim_observation') }} as observation on past_score.horizon_end_date <= observation.as_of_date
    where past_score.score_rank = 1
),

customer_record as (
    select distinct
        customer_id,
        record_id
    from {{ ref('bridge_record_customer') }}
)

select
    cast(due_score.customer_id as string) as customer_id,
    cast(due_score.observation_date as date) as observation_date,
    cast(due_score.horizon_days as bigint) as horizon_days,
    cast(due_score.model_id as string) as model_id,
    cast(due_score.churn_probability as double) as churn_probability,
    cast(due_score.baseline_probability as double) as baseline_probability,
    due_score.horizon_end_date,
    count(distinct sales_order.order_id) as purchase_count,
    count(distinct sales_order.order_id) = 0 as is_churned
from due_score
left join customer_record on due_score.customer_id = customer_record.customer_id
left join {{ ref('int_sales__order') }} as sales_order
    on
        customer_record.record_id = sales_order.record_id
        and sales_order.is_purchase
        and sales_order.purchase_date > due_score.observation_date
        and sales_order.purchase_date <= due_score.horizon_end_date
group by
    due_score.customer_id, due_score.observation_date, due_score.horizon_days, due_score.model_id,
    due_score.churn_probability, due_score.baseline_probability, due_score.horizon_end_date
