{{ config(
    materialized='incremental',
    unique_key=['answer_id', 'question_id'],
    post_hook="{{ take_out_deleted('employee_answer') }}"
) }}

with current_version as (
    {{ current_version('employee_answer') }}
)

select
    {{ contract_columns('employee_answer') }},
    {{ local_date('answered_at') }} as answered_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
