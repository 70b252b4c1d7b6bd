{{ config(
    materialized='incremental',
    unique_key='spend_id',
    post_hook="{{ take_out_deleted('marketing_spend') }}"
) }}

with current_version as (
    {{ current_version('marketing_spend') }}
)

select
    {{ contract_columns('marketing_spend') }},
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
