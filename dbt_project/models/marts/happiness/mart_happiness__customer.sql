select
    cast(customer.customer_id as string) as customer_id,
    cast(customer.segment as string) as segment,
    cast(customer.answers as bigint) as answer_count,
    cast(customer.own_score as double) as own_score,
    cast(customer.segment_score as double) as segment_score,
    cast(customer.own_weight as double) as own_weight,
    cast(customer.happiness_score as double) as happiness_score,
    cast(customer.standard_error as double) as standard_error
from {{ source('scores', 'customer_happiness') }} as customer
