{{ config(
    materialized='incremental',
    unique_key='payment_id',
    post_hook="{{ take_out_deleted('payment') }}"
) }}

with current_version as (
    {{ current_version('payment') }}
)

select
    {{ contract_columns('payment') }},
    {{ local_date('paid_at') }} as paid_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
