{{ config(
    materialized='incremental',
    unique_key='invitation_id',
    post_hook="{{ take_out_deleted('survey_invitation') }}"
) }}

with current_version as (
    {{ current_version('survey_invitation') }}
)

select
    {{ contract_columns('survey_invitation') }},
    {{ local_date('invited_at') }} as invited_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
