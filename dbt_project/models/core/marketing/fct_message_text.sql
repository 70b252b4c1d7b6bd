-- Written anew each time: a text that its source took back must not stay because no new row takes its place.
with current_version as (
    {{ current_version('message_sent') }}
)

select
    message_id,
    record_id,
    sent_at,
    language_code,
    message_text,
    {{ local_date('sent_at') }} as sent_date,
    load_id,
    load_sequence
from current_version
where message_text is not null
