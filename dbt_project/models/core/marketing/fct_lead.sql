{{ config(
    materialized='incremental',
    unique_key='lead_id',
    post_hook="{{ take_out_deleted('lead') }}"
) }}

with current_version as (
    {{ current_version('lead') }}
)

select
    {{ contract_columns('lead') }},
    {{ local_date('created_at') }} as created_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
