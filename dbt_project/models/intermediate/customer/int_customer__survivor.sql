{{ config(materialized='view') }}

-- Survivorship: each field comes from the record changed last that has one; ties go to the smaller record_id. The
-- address is taken whole from one record, the first that has any part of one, so that it is never mixed of two.
-- A view: names and addresses are not copied once more.
with customer_record as (
    select
        bridge.customer_id,
        {{ contract_columns('customer_record', 'record') }},
        coalesce(record.street_address, record.postal_code, record.city, record.region) is not null as has_address,
        row_number() over (
            partition by bridge.customer_id
            order by record.updated_at desc nulls last, record.record_id asc nulls last
        ) as survivor_rank
    from {{ ref('bridge_record_customer') }} as bridge
    inner join {{ ref('int_identity__current_record') }} as record on bridge.record_id = record.record_id
    where bridge.is_current
)

select
    customer_id,
    {{ contract_columns('customer_record') }},
    has_address,
    survivor_rank,
    min(case when has_address then survivor_rank end) over (partition by customer_id) as address_rank
from customer_record
