{{ config(
    materialized='incremental',
    unique_key='ticket_id',
    post_hook="{{ take_out_deleted('ticket') }}"
) }}

with current_version as (
    {{ current_version('ticket') }}
)

select
    {{ contract_columns('ticket') }},
    {{ local_date('opened_at') }} as opened_date,
    {{ local_date('resolved_at') }} as resolved_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
