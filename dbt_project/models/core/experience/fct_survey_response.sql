{{ config(
    materialized='incremental',
    unique_key=['response_id', 'question_id'],
    post_hook="{{ take_out_deleted('survey_response') }}"
) }}

with current_version as (
    {{ current_version('survey_response', omit=['verbatim'], added={'has_verbatim': 'verbatim is not null'}) }}
)

select
    {{ contract_columns('survey_response', omit=['verbatim']) }},
    has_verbatim,
    {{ local_date('responded_at') }} as responded_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
