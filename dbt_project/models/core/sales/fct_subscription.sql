{{ config(
    materialized='incremental',
    unique_key='subscription_id',
    post_hook="{{ take_out_deleted('subscription') }}"
) }}

with current_version as (
    {{ current_version('subscription') }}
)

select
    {{ contract_columns('subscription') }},
    {{ local_date('started_at') }} as started_date,
    {{ local_date('cancel_requested_at') }} as cancel_requested_date,
    {{ local_date('ended_at') }} as ended_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
