-- The scores of the observation date, by the current model; the newest when a day was scored more than once.
with ranked_score as (
    select
        churn.*,
        row_number() over (
            partition by churn.customer_id
            order by
                churn.snapshot_sequence desc nulls last,
                churn.snapshot_id desc nulls last,
                churn.model_id desc nulls last
        ) as score_rank
    from {{ source('scores', 'customer_churn') }} as churn
    inner join {{ source('scores', 'churn_model') }} as model
        on churn.model_id = model.model_id and model.is_current and model.status = 'trained'
    inner join {{ ref('dim_observation') }} as observation on churn.observation_date = observation.as_of_date
)

select
    cast(customer_id as string) as customer_id,
    cast(observation_date as date) as observation_date,
    cast(horizon_days as bigint) as horizon_days,
    cast(model_id as string) as model_id,
    cast(churn_probability as double) as churn_probability,
    cast(baseline_probability as double) as baseline_probability
from ranked_score
where score_rank = 1
