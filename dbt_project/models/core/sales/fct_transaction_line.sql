{{ config(
    materialized='incremental',
    unique_key='line_id',
    post_hook="{{ take_out_deleted('transaction_line') }}"
) }}

with current_version as (
    {{ current_version('transaction_line') }}
)

select
    {{ contract_columns('transaction_line') }},
    {{ local_date('occurred_at') }} as occurred_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
