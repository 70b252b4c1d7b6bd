select
    cast(model_id as string) as model_id,
    cast(bin as bigint) as bin,
    cast(customer_count as bigint) as customer_count,
    cast(mean_probability as double) as mean_probability,
    cast(observed_share as double) as observed_share,
    cast(observed_low as double) as observed_low,
    cast(observed_high as double) as observed_high
from {{ source('scores', 'churn_reliability') }}
