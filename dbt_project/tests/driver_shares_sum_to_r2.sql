{{ config(meta={'dagster': {'ref': {'name': 'mart_happiness__driver'}}}) }}

-- What the touchpoints of a segment explain apart is what they explain together; the index weighs with all of it.
with segment_total as (
    select
        segment,
        sum(r2_share) as share_total,
        max(r_squared) as r_squared,
        sum(importance) as importance_total
    from {{ ref('mart_happiness__driver') }}
    where left_out_reason is null
    group by segment
)

select
    segment,
    share_total,
    r_squared
from segment_total
where abs(share_total - r_squared) > 0.000001 or abs(importance_total - 1) > 0.000001
union all
select
    'index' as segment,
    sum(index_weight) as share_total,
    1 as r_squared
from {{ ref('mart_happiness__weight') }}
having abs(sum(index_weight) - 1) > 0.000001
