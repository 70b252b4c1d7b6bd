-- A record is touched when it belongs to another customer: the days on which it ordered.
with state as (
    {{ change_set_state() }}
),

changed_record as (
    select distinct bridge.record_id
    from {{ ref('bridge_record_customer') }} as bridge
    cross join state
    where bridge.snapshot_sequence > state.snapshot_sequence
),

touched as (
    select distinct
        sales_order.record_id,
        sales_order.purchase_date as touched_date
    from {{ ref('int_sales__order') }} as sales_order
    inner join changed_record on sales_order.record_id = changed_record.record_id
    union all
    -- Built from nothing: every day, of no record.
    select distinct
        cast(null as string) as record_id,
        day.touched_date
    from {{ ref('int_change__day') }} as day
    cross join state
    where state.snapshot_sequence is null
)

select
    cast(touched.record_id as string) as record_id,
    touched.touched_date,
    observation.snapshot_sequence
from touched
cross join {{ ref('dim_observation') }} as observation
where touched.touched_date is not null
