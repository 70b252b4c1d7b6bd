-- What matching found run by run. A rule or a feed that changed shows in the links per record before anyone complains.
with run_count as (
    select
        snapshot_sequence,
        customer_type,
        min(known_at) as known_at,
        {%- for measure in ['record', 'customer', 'link', 'review_pair'] %}
        coalesce(sum(value) filter (where measure = '{{ measure }}s'), 0) as {{ measure }}_count,
        {%- endfor %}
        max(bucket) filter (where measure = 'cluster_size' and value > 0) as largest_cluster_record_count,
        coalesce(sum(value) filter (where measure = 'pair_weight'), 0) as scored_pair_count,
        -- A bucket is the weight rounded down: -2 up to below 2, odds of 1 to 4 up to 4 to 1.
        coalesce(sum(value) filter (where measure = 'pair_weight' and bucket between -2 and 1), 0)
            as doubtful_pair_count
    from {{ source('identity', 'match_count') }}
    group by snapshot_sequence, customer_type
),

rated as (
    select
        *,
        cast(customer_count as double) / nullif(record_count, 0) as customers_per_record,
        cast(link_count as double) / nullif(record_count, 0) as links_per_record
    from run_count
),

compared as (
    select
        *,
        lag(customers_per_record) over by_run as previous_customers_per_record,
        lag(links_per_record) over by_run as previous_links_per_record,
        -- Links that this run would have if each record had as many as before.
        lag(cast(link_count as double)) over by_run * record_count / nullif(lag(record_count) over by_run, 0)
            as expected_link_count,
        max(snapshot_sequence) over () as newest_snapshot_sequence
    from rated
    window by_run as (partition by customer_type order by snapshot_sequence asc nulls last)
)

select
    cast(snapshot_sequence as bigint) as snapshot_sequence,
    cast(customer_type as string) as customer_type,
    cast(known_at as timestamp) as known_at,
    snapshot_sequence = newest_snapshot_sequence as is_current,
    cast(record_count as bigint) as record_count,
    cast(customer_count as bigint) as customer_count,
    cast(record_count as double) / nullif(customer_count, 0) as records_per_customer,
    customers_per_record,
    customers_per_record / nullif(previous_customers_per_record, 0) - 1 as customers_per_record_change,
    cast(link_count as bigint) as link_count,
    links_per_record,
    links_per_record / nullif(previous_links_per_record, 0) - 1 as links_per_record_change,
    cast(review_pair_count as bigint) as review_pair_count,
    cast(review_pair_count as double) / nullif(record_count, 0) as review_pairs_per_record,
    cast(largest_cluster_record_count as bigint) as largest_cluster_record_count,
    cast(scored_pair_count as bigint) as scored_pair_count,
    cast(doubtful_pair_count as double) / nullif(scored_pair_count, 0) as doubtful_pair_share,
    -- In a small company a share alone would be chance: a difference of fewer than 50 links is none.
    abs(link_count - expected_link_count) > {{ parameter('identity_match_drift_share') }} * expected_link_count
    and abs(link_count - expected_link_count) >= 50 as is_drifted
from compared
