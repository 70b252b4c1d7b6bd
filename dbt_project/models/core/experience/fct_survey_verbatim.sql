-- Written anew each time: a text that its author withdrew must not stay because no new row takes its place.
with current_version as (
    {{ current_version('survey_response') }}
)

select
    response_id,
    question_id,
    record_id,
    touchpoint,
    responded_at,
    verbatim,
    language_code,
    {{ local_date('responded_at') }} as responded_date,
    load_id,
    load_sequence
from current_version
where verbatim is not null
