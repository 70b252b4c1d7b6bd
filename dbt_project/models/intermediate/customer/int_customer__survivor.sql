{{ config(materialized='view') }}

-- Survivorship: each field comes from the first of the customer's records that has one, in the order that the company
-- sets for the field; else from the record changed last, ties by the smaller record_id. The address is taken whole
-- from one record that has any part of one, so that it is never mixed of two.
-- A view: names and addresses are not copied once more.
with ranked_record as (
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
),

counted_record as (
    select
        {{ golden_agreements() }}
        ranked_record.*
    from ranked_record
),

placed_record as (
    select
        {% for field in golden_fields() -%}
        {{ field_rank(field) }} as {{ field }}_place,
        {% endfor -%}
        counted_record.*
    from counted_record
)

select
    placed_record.*,
    max(
        case when placed_record.has_address and placed_record.address_place = 1 then placed_record.survivor_rank end
    ) over (partition by placed_record.customer_id) as address_rank
from placed_record
