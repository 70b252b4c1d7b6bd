{{ config(meta={'dagster': {'ref': {'name': 'mart_prediction__churn_reliability'}}}) }}

-- The bins of a model hold every customer that it was tested on, once, and their churn adds up to the model's own. A
-- model that was trained has bins.
with bin_total as (
    select
        model_id,
        sum(customer_count) as customer_count,
        sum(observed_share * customer_count) as churned_count
    from {{ ref('mart_prediction__churn_reliability') }}
    group by model_id
)

select
    model.model_id,
    model.test_count,
    bin_total.customer_count,
    model.churn_share * model.test_count as churned_count,
    bin_total.churned_count as bin_churned_count
from {{ ref('mart_prediction__churn_model') }} as model
left join bin_total on model.model_id = bin_total.model_id
where
    (bin_total.model_id is null and model.status <> 'not_trained')
    or model.test_count <> bin_total.customer_count
    or abs(model.churn_share * model.test_count - bin_total.churned_count) > 0.001
