{{ config(
    materialized='incremental',
    unique_key='message_id',
    post_hook="{{ take_out_deleted('message_sent') }}"
) }}

with current_version as (
    {{ current_version('message_sent', omit=['message_text'], added={'has_message_text': 'message_text is not null'}) }}
)

select
    {{ contract_columns('message_sent', omit=['message_text']) }},
    has_message_text,
    {{ local_date('sent_at') }} as sent_date,
    load_id,
    load_sequence,
    snapshot_sequence
from current_version
