{{ config(
    materialized='incremental',
    unique_key='consent_event_id',
    post_hook="{{ take_out_deleted('consent_event') }}"
) }}

with current_version as (
    {{ current_version('consent_event') }}
)

select
    {{ contract_columns('consent_event') }},
    {{ local_date('occurred_at') }} as occurred_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
