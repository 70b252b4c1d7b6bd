{{ config(
    materialized='incremental',
    unique_key='metric_id',
    post_hook="{{ take_out_deleted('interface_metric') }}"
) }}

with current_version as (
    {{ current_version('interface_metric') }}
)

select
    {{ contract_columns('interface_metric') }},
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
