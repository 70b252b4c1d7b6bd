{{ config(
    materialized='incremental',
    unique_key='referral_id',
    post_hook="{{ take_out_deleted('referral') }}"
) }}

with current_version as (
    {{ current_version('referral') }}
)

select
    {{ contract_columns('referral') }},
    {{ local_date('referred_at') }} as referred_date,
    {{ local_date('converted_at') }} as converted_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
