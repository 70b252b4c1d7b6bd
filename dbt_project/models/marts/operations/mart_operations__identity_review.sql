-- The queue of pairs for a person to decide, by what hangs on them: the money of both customers first, then their
-- orders, then how near the two records are.
with weighed as (
    select
        pair.record_id_a,
        pair.record_id_b,
        pair.customer_id_a,
        pair.customer_id_b,
        pair.customer_type,
        pair.reason,
        pair.match_weight,
        pair.match_probability,
        pair.agreed_fields,
        pair.differing_fields,
        coalesce(a.order_count, 0) + coalesce(b.order_count, 0) as order_count,
        coalesce(a.net_amount, 0) + coalesce(b.net_amount, 0) as net_amount
    from {{ source('identity', 'review_pair') }} as pair
    left join {{ ref('int_value__customer_purchase') }} as a on pair.customer_id_a = a.customer_id
    left join {{ ref('int_value__customer_purchase') }} as b on pair.customer_id_b = b.customer_id
)

select
    cast(
        row_number() over (
            order by
                weighed.net_amount desc nulls last,
                weighed.order_count desc nulls last,
                weighed.match_weight desc nulls last,
                weighed.record_id_a asc nulls last,
                weighed.record_id_b asc nulls last
        ) as bigint
    ) as review_rank,
    cast(weighed.record_id_a as string) as record_id_a,
    cast(weighed.record_id_b as string) as record_id_b,
    cast(weighed.customer_id_a as string) as customer_id_a,
    cast(weighed.customer_id_b as string) as customer_id_b,
    cast(weighed.customer_type as string) as customer_type,
    cast(weighed.reason as string) as reason,
    cast(weighed.match_weight as double) as match_weight,
    cast(weighed.match_probability as double) as match_probability,
    cast(nullif(weighed.agreed_fields, '') as string) as agreed_fields,
    cast(nullif(weighed.differing_fields, '') as string) as differing_fields,
    cast(weighed.order_count as bigint) as order_count,
    '{{ parameter("currency_code") }}' as currency_code,
    cast(weighed.net_amount as decimal(18, 2)) as net_amount,
    observation.as_of_date as observation_date
from weighed
cross join {{ ref('dim_observation') }} as observation
