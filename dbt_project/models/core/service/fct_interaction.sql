{{ config(
    materialized='incremental',
    unique_key='interaction_id',
    post_hook="{{ take_out_deleted('interaction') }}"
) }}

with current_version as (
    {{ current_version('interaction') }}
)

select
    {{ contract_columns('interaction') }},
    {{ local_date('occurred_at') }} as occurred_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
