{{ config(
    materialized='incremental',
    unique_key='entry_id',
    post_hook="{{ take_out_deleted('loyalty_entry') }}"
) }}

with current_version as (
    {{ current_version('loyalty_entry') }}
)

select
    {{ contract_columns('loyalty_entry') }},
    {{ local_date('occurred_at') }} as occurred_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
