{{ config(
    materialized='incremental',
    unique_key='contact_id',
    post_hook="{{ take_out_deleted('campaign_contact') }}"
) }}

with current_version as (
    {{ current_version('campaign_contact') }}
)

select
    {{ contract_columns('campaign_contact') }},
    {{ local_date('contacted_at') }} as contacted_date,
    {{ local_date('responded_at') }} as responded_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
