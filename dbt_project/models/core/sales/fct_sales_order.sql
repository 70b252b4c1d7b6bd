{{ config(
    materialized='incremental',
    unique_key='order_id',
    post_hook="{{ take_out_deleted('sales_order') }}"
) }}

with current_version as (
    {{ current_version('sales_order') }}
)

select
    {{ contract_columns('sales_order') }},
    {{ local_date('ordered_at') }} as ordered_date,
    {{ local_date('promised_at') }} as promised_date,
    {{ local_date('delivered_at') }} as delivered_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
