select
    'survey_invitation' as entity,
    {{ row_key('survey_invitation') }} as source_key,
    'survey_invited' as event_type,
    record_id,
    order_id,
    invited_at as occurred_at,
    invited_date as occurred_date,
    channel,
    touchpoint,
    survey_type as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_survey_invitation') }}
