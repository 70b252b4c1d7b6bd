-- One event per answered question: each asks about a touchpoint of its own. What was scored on which scale stays in the
-- fact; the outcome is what is said of an answer without it.
select
    'survey_response' as entity,
    {{ row_key('survey_response') }} as source_key,
    'survey_answered' as event_type,
    record_id,
    cast(null as string) as order_id,
    responded_at as occurred_at,
    responded_date as occurred_date,
    channel,
    touchpoint,
    case
        when score is null then no_score_reason
        when metric = 'nps' and score >= 9 then 'promoter'
        when metric = 'nps' and score >= 7 then 'passive'
        when metric = 'nps' then 'detractor'
    end as outcome,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    load_id,
    load_sequence,
    snapshot_sequence
from {{ ref('fct_survey_response') }}
