{{ config(
    materialized='incremental',
    unique_key='interview_id',
    post_hook="{{ take_out_deleted('exit_interview') }}"
) }}

with current_version as (
    {{ current_version('exit_interview') }}
)

select
    {{ contract_columns('exit_interview') }},
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
